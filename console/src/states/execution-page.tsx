import { DescribeExecutionCommand, DescribeStateMachineForExecutionCommand } from "@aws-sdk/client-sfn";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect, useMemo, useState } from "react";
import { useResource } from "../aws/use-resource.ts";
import { href, type Parameters } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { nameOf } from "../ui/arn.tsx";
import { Failure } from "../ui/failure.tsx";
import { Loaded } from "../ui/loading.tsx";
import { Page } from "../ui/page.tsx";
import { EventsTable } from "./execution/events-table.tsx";
import { ExecutionActions } from "./execution/execution-actions.tsx";
import { ExecutionFacts, ExecutionPayloads } from "./execution/execution-facts.tsx";
import { StatesPanel } from "./execution/states-panel.tsx";
import { useHistory } from "./execution/use-history.ts";
import { visitsOf } from "./execution/visits.ts";

const ROUND_MS = 1_000;

export default function ExecutionPage({ parameters }: { parameters: Parameters }) {
  const { sfn } = useClients();
  const executionArn = parameters["arn"] ?? "";
  const [turn, setTurn] = useState(0);
  const execution = useResource(() => sfn.send(new DescribeExecutionCommand({ executionArn })), [sfn, executionArn]);
  const machine = useResource(() => sfn.send(new DescribeStateMachineForExecutionCommand({ executionArn })), [sfn, executionArn]);
  const history = useHistory(sfn, executionArn, turn);
  const visits = useMemo(() => visitsOf(history.events), [history.events]);
  const refresh = () => {
    execution.reload();
    setTurn((before) => before + 1);
  };
  const isRunning = execution.value?.status === "RUNNING";
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(refresh, ROUND_MS);
    return () => clearInterval(timer);
  }, [isRunning]);
  const machineArn = execution.value?.stateMachineArn ?? "";
  const crumbs = [
    { text: texts.machines.title, href: "#/states/machines" },
    ...(machineArn ? [{ text: nameOf(machineArn), href: href(["states", "machines", machineArn]) }] : []),
  ];
  return (
    <Page title={texts.execution.title(nameOf(executionArn))} crumbs={crumbs} actions={execution.value && <ExecutionActions execution={execution.value} onChanged={refresh} />}>
      <Loaded resource={execution}>
        {(value) => (
          <SpaceBetween size="l">
            <ExecutionFacts execution={value} />
            <Failure error={history.error} onRetry={refresh} />
            <StatesPanel executionArn={executionArn} definition={machine.value?.definition ?? ""} visits={visits} started={value.startDate} ended={value.stopDate} />
            <ExecutionPayloads execution={value} />
            <EventsTable events={history.events} isLoading={!history.isComplete} started={value.startDate} />
          </SpaceBetween>
        )}
      </Loaded>
    </Page>
  );
}

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { href } from "../../router.ts";
import { texts } from "../../texts.ts";
import { Code } from "../../ui/code.tsx";
import { duration, Time } from "../../ui/time.tsx";
import { Status } from "../status.tsx";
import { StateDecisions } from "./state-decisions.tsx";
import { StateEvents } from "./state-events.tsx";
import { isDenied, type Visit } from "./visits.ts";

interface Props {
  executionArn: string;
  name: string | undefined;
  visit: Visit | undefined;
  /** Every visit of the state. */
  visits: Visit[];
  onVisit: (id: number) => void;
}

const words = texts.execution;

export function StateDetail({ executionArn, name, visit, visits, onVisit }: Props) {
  const [tab, setTab] = useState(visit && isDenied(visit) ? "iam" : "input");
  if (!name) return <Box color="text-status-inactive">{words.chooseState}</Box>;
  if (!visit) return <Box color="text-status-inactive">{words.notEntered(name)}</Box>;
  return (
    <section aria-label={words.detail(name)}>
      <SpaceBetween size="m">
        <Box variant="h3">{name}</Box>
        {visits.length > 1 && <VisitSelect visit={visit} visits={visits} onVisit={onVisit} />}
        {visit.error !== undefined && !isDenied(visit) && <Alert type={visit.status === "CAUGHT" ? "warning" : "error"} header={visit.error}>{visit.cause}</Alert>}
        <Summary visit={visit} />
        <Tabs
          activeTabId={tab}
          onChange={({ detail }) => setTab(detail.activeTabId)}
          tabs={[
            { id: "input", label: words.input, content: <Code label={words.inputOf(name)} text={visit.input} /> },
            { id: "output", label: words.output, content: <Code label={words.outputOf(name)} text={visit.output} /> },
            { id: "iam", label: words.iam, content: <StateDecisions executionArn={executionArn} visit={visit} /> },
            { id: "events", label: words.events, content: <StateEvents events={visit.events} /> },
          ]}
        />
      </SpaceBetween>
    </section>
  );
}

function Summary({ visit }: { visit: Visit }) {
  const { entered, exited } = visit;
  return (
    <KeyValuePairs
      columns={2}
      items={[
        { label: texts.machine.status, value: <Status status={visit.status} /> },
        { label: texts.machines.type, value: visit.type },
        { label: texts.machine.started, value: <Time at={entered} /> },
        { label: texts.machine.took, value: duration(entered && exited && exited.getTime() - entered.getTime()) },
        ...(visit.retries > 0 ? [{ label: words.retries, value: String(visit.retries) }] : []),
        ...(visit.mapRunArn ? [{ label: words.mapRun, value: <Link href={href(["states", "map-runs", visit.mapRunArn])}>{words.openMapRun}</Link> }] : []),
        ...(visit.childExecutionArn ? [{ label: words.child, value: <Link href={href(["states", "executions", visit.childExecutionArn])}>{words.openChild}</Link> }] : []),
      ]}
    />
  );
}

function VisitSelect({ visit, visits, onVisit }: { visit: Visit; visits: Visit[]; onVisit: (id: number) => void }) {
  const options = visits.map(({ id, status, iteration }, at) => ({
    value: String(id), label: iteration === undefined ? words.visit(at + 1) : words.iteration(iteration), description: texts.status[status] ?? status,
  }));
  return (
    <FormField label={words.visits(visits.length)}>
      <Select
        virtualScroll
        selectedOption={options.find(({ value }) => value === String(visit.id)) ?? null}
        options={options}
        onChange={({ detail }) => onVisit(Number(detail.selectedOption.value))}
      />
    </FormField>
  );
}

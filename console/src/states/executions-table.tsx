import { type DescribeStateMachineOutput, type ExecutionListItem, type ExecutionStatus, ListExecutionsCommand } from "@aws-sdk/client-sfn";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { allPages } from "../aws/pages.ts";
import { useResource } from "../aws/use-resource.ts";
import { href } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { ResourceTable } from "../ui/resource-table.tsx";
import { duration, Time } from "../ui/time.tsx";
import { Status } from "./status.tsx";

const words = texts.machine;
const ANY = { value: "", label: words.anyStatus };
const STATUSES = [ANY, ...["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"].map((value) => ({ value, label: texts.status[value] ?? value }))];
/** More are found by their status. */
const EXECUTIONS_MAX = 5_000;

export function ExecutionsTable({ machine }: { machine: DescribeStateMachineOutput }) {
  const { sfn } = useClients();
  const [status, setStatus] = useState(ANY);
  const executions = useResource(() => allPages(async (nextToken) => {
    if (machine.type === "EXPRESS") return { items: [], next: undefined };
    const statusFilter = (status.value || undefined) as ExecutionStatus | undefined;
    const page = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machine.stateMachineArn, statusFilter, nextToken, maxResults: 1000 }));
    return { items: page.executions, next: page.nextToken };
  }, EXECUTIONS_MAX), [sfn, machine.stateMachineArn, status]);
  return (
    <ResourceTable
      title={words.executions}
      resource={executions}
      columns={[
        { id: "name", header: texts.machines.name, isRowHeader: true, sortingField: "name", cell: ({ name, executionArn = "" }: ExecutionListItem) => <Link href={href(["states", "executions", executionArn])}>{name}</Link> },
        { id: "status", header: words.status, sortingField: "status", cell: ({ status: is }: ExecutionListItem) => <Status status={is} /> },
        { id: "started", header: words.started, sortingField: "startDate", cell: ({ startDate }: ExecutionListItem) => <Time at={startDate} /> },
        { id: "ended", header: words.ended, sortingField: "stopDate", cell: ({ stopDate }: ExecutionListItem) => <Time at={stopDate} /> },
        { id: "took", header: words.took, cell: ({ startDate, stopDate }: ExecutionListItem) => duration(startDate && stopDate && stopDate.getTime() - startDate.getTime()) },
      ]}
      keyOf={({ executionArn = "" }) => executionArn}
      searchable={({ name = "" }) => name}
      emptyText={machine.type === "EXPRESS" ? words.expressEmpty : words.empty}
      actions={<Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={executions.reload} />}
      filters={
        <Select selectedOption={status} ariaLabel={words.status} options={STATUSES} onChange={({ detail }) => setStatus({ value: detail.selectedOption.value ?? "", label: detail.selectedOption.label ?? "" })} />
      }
    />
  );
}

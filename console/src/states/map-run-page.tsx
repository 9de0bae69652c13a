import { DescribeMapRunCommand, type DescribeMapRunOutput, type ExecutionListItem, ListExecutionsCommand } from "@aws-sdk/client-sfn";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { allPages } from "../aws/pages.ts";
import { useResource } from "../aws/use-resource.ts";
import { href, type Parameters } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Arn, nameOf } from "../ui/arn.tsx";
import { Facts } from "../ui/facts.tsx";
import { Loaded } from "../ui/loading.tsx";
import { Page } from "../ui/page.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";
import { Status } from "./status.tsx";

const words = texts.mapRun;

export default function MapRunPage({ parameters }: { parameters: Parameters }) {
  const { sfn } = useClients();
  const mapRunArn = parameters["arn"] ?? "";
  const run = useResource(() => sfn.send(new DescribeMapRunCommand({ mapRunArn })), [sfn, mapRunArn]);
  const children = useResource(() => allPages(async (nextToken) => {
    const page = await sfn.send(new ListExecutionsCommand({ mapRunArn, nextToken, maxResults: 1000 }));
    return { items: page.executions, next: page.nextToken };
  }), [sfn, mapRunArn]);
  const reload = () => {
    run.reload();
    children.reload();
  };
  return (
    <Page title={words.title(nameOf(mapRunArn))} crumbs={[{ text: texts.machines.title, href: "#/states/machines" }]} actions={<Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={reload} />}>
      <Loaded resource={run}>{(value) => <Details run={value} />}</Loaded>
      <ResourceTable
        title={words.children}
        resource={children}
        columns={[
          { id: "name", header: texts.machines.name, isRowHeader: true, cell: ({ name, executionArn = "" }: ExecutionListItem) => <Link href={href(["states", "executions", executionArn])}>{name}</Link> },
          { id: "status", header: texts.machine.status, sortingField: "status", cell: ({ status }: ExecutionListItem) => <Status status={status} /> },
          { id: "items", header: words.items, cell: ({ itemCount }: ExecutionListItem) => itemCount ?? "–" },
          { id: "started", header: texts.machine.started, cell: ({ startDate }: ExecutionListItem) => <Time at={startDate} /> },
        ]}
        keyOf={({ executionArn = "" }) => executionArn}
        searchable={({ name = "" }) => name}
        emptyText={words.empty}
      />
    </Page>
  );
}

function Details({ run }: { run: DescribeMapRunOutput }) {
  const items = run.itemCounts;
  return (
    <Facts
      title={texts.machine.details}
      columns={4}
      facts={[
        [texts.machine.status, <Status status={run.status} />],
        [words.execution, <Link href={href(["states", "executions", run.executionArn ?? ""])}>{nameOf(run.executionArn)}</Link>],
        ["ARN", <Arn arn={run.mapRunArn} />],
        [texts.machine.started, <Time at={run.startDate} />],
        [words.total, items?.total],
        [texts.status["SUCCEEDED"] ?? "", items?.succeeded],
        [texts.status["FAILED"] ?? "", items?.failed],
        [texts.status["RUNNING"] ?? "", items?.running],
        [words.concurrency, run.maxConcurrency],
        [words.tolerated, `${run.toleratedFailureCount ?? 0} / ${run.toleratedFailurePercentage ?? 0} %`],
      ]}
    />
  );
}

import type { DescribeExecutionOutput } from "@aws-sdk/client-sfn";
import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Link from "@cloudscape-design/components/link";
import Tabs from "@cloudscape-design/components/tabs";
import { href } from "../../router.ts";
import { texts } from "../../texts.ts";
import { Arn } from "../../ui/arn.tsx";
import { Code } from "../../ui/code.tsx";
import { Facts } from "../../ui/facts.tsx";
import { duration, Time } from "../../ui/time.tsx";
import { Status } from "../status.tsx";

const words = texts.execution;

export function ExecutionFacts({ execution }: { execution: DescribeExecutionOutput }) {
  const { startDate, stopDate, mapRunArn } = execution;
  return (
    <SpaceBetween size="l">
      {execution.error !== undefined && execution.status !== "SUCCEEDED" && (
        <Alert type="error" header={execution.error}>{execution.cause}</Alert>
      )}
      <Facts
        title={texts.machine.details}
        columns={4}
        facts={[
          [texts.machine.status, <Status status={execution.status} />],
          [texts.machine.started, <Time at={startDate} />],
          [texts.machine.ended, <Time at={stopDate} />],
          [texts.machine.took, duration(startDate && stopDate && stopDate.getTime() - startDate.getTime())],
          ["ARN", <Arn arn={execution.executionArn} />],
          ...(mapRunArn ? [[words.mapRun, <Link href={href(["states", "map-runs", mapRunArn])}>{mapRunArn}</Link>] as [string, React.ReactNode]] : []),
          ...(execution.redriveCount ? [[words.redrives, execution.redriveCount] as [string, React.ReactNode]] : []),
        ]}
      />
    </SpaceBetween>
  );
}

/** What went in and what came out. */
export function ExecutionPayloads({ execution }: { execution: DescribeExecutionOutput }) {
  return (
    <Tabs
      variant="container"
      tabs={[
        { id: "input", label: words.input, content: <Code label={words.input} text={execution.input} /> },
        { id: "output", label: words.output, content: <Code label={words.output} text={execution.output} /> },
      ]}
    />
  );
}

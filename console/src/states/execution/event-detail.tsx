import type { HistoryEvent } from "@aws-sdk/client-sfn";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { texts } from "../../texts.ts";
import { Code } from "../../ui/code.tsx";
import { details } from "./visits.ts";

/** One event as it was recorded; its payloads are shown apart, where they can be read. */
export function EventDetail({ event }: { event: HistoryEvent }) {
  const { input, output, ...rest } = details(event);
  return (
    <Container header={<Header variant="h3">{`${event.id} ${event.type}`}</Header>}>
      <SpaceBetween size="m">
        <Code label={texts.execution.event(event.id ?? 0)} text={JSON.stringify(rest)} />
        {typeof input === "string" && <Code label={texts.execution.input} text={input} />}
        {typeof output === "string" && <Code label={texts.execution.output} text={output} />}
      </SpaceBetween>
    </Container>
  );
}

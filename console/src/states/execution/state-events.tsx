import type { HistoryEvent } from "@aws-sdk/client-sfn";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { texts } from "../../texts.ts";
import { Code } from "../../ui/code.tsx";
import { details } from "./visits.ts";

/** More of one visit are found in the table of all events. */
const EVENTS_MAX = 50;

export function StateEvents({ events }: { events: HistoryEvent[] }) {
  return (
    <SpaceBetween size="xxs">
      {events.slice(0, EVENTS_MAX).map((event) => (
        <ExpandableSection key={event.id} headerText={`${event.id} ${event.type}`}>
          <Code label={texts.execution.event(event.id ?? 0)} text={JSON.stringify(details(event))} />
        </ExpandableSection>
      ))}
    </SpaceBetween>
  );
}

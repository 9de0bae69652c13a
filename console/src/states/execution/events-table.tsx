import type { HistoryEvent } from "@aws-sdk/client-sfn";
import Multiselect, { type MultiselectProps } from "@cloudscape-design/components/multiselect";
import { useMemo, useState } from "react";
import { texts } from "../../texts.ts";
import { ResourceTable } from "../../ui/resource-table.tsx";
import { duration, Time } from "../../ui/time.tsx";
import { EventDetail } from "./event-detail.tsx";
import { details } from "./visits.ts";

interface Props {
  events: HistoryEvent[];
  isLoading: boolean;
  started: Date | undefined;
}

const words = texts.execution;

/** All events, by page: a history has up to 25,000. */
export function EventsTable({ events, isLoading, started }: Props) {
  const [types, setTypes] = useState<readonly MultiselectProps.Option[]>([]);
  const [selected, setSelected] = useState<HistoryEvent[]>([]);
  const known = useMemo(() => [...new Set(events.map(({ type = "" }) => type))].sort(), [events]);
  const shown = useMemo(() => {
    const wanted = new Set(types.map(({ value }) => value));
    return wanted.size === 0 ? events : events.filter(({ type }) => wanted.has(type));
  }, [events, types]);
  const begin = started?.getTime() ?? 0;
  return (
    <>
      <ResourceTable
        title={words.events}
        resource={{ value: isLoading && events.length === 0 ? undefined : shown, error: undefined, isLoading, reload: () => undefined }}
        pageSize={50}
        columns={[
          { id: "id", header: words.id, sortingField: "id", isRowHeader: true, cell: ({ id }: HistoryEvent) => id },
          { id: "type", header: words.eventType, sortingField: "type", cell: ({ type }: HistoryEvent) => type },
          { id: "state", header: words.state, cell: (event: HistoryEvent) => stateName(event) },
          { id: "elapsed", header: words.elapsed, cell: ({ timestamp }: HistoryEvent) => duration(timestamp && timestamp.getTime() - begin) },
          { id: "time", header: words.time, cell: ({ timestamp }: HistoryEvent) => <Time at={timestamp} /> },
        ]}
        keyOf={({ id }) => String(id)}
        searchable={(event) => `${event.id} ${event.type} ${stateName(event)}`}
        emptyText={words.noEvents}
        selected={selected}
        onSelect={setSelected}
        filters={
          <div className="type-filter">
            <Multiselect
              selectedOptions={types}
              options={known.map((value) => ({ value, label: value }))}
              placeholder={words.anyType}
              ariaLabel={words.eventType}
              inlineTokens
              onChange={({ detail }) => setTypes(detail.selectedOptions)}
            />
          </div>
        }
      />
      {selected[0] && <EventDetail event={selected[0]} />}
    </>
  );
}

function stateName(event: HistoryEvent): string {
  const { name } = details(event);
  return typeof name === "string" ? name : "";
}

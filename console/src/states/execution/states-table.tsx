import { useCollection } from "@cloudscape-design/collection-hooks";
import Button from "@cloudscape-design/components/button";
import Pagination from "@cloudscape-design/components/pagination";
import Table from "@cloudscape-design/components/table";
import { texts } from "../../texts.ts";
import { duration } from "../../ui/time.tsx";
import { Status } from "../status.tsx";
import type { Visit } from "./visits.ts";

interface Props {
  visits: Visit[];
  started: Date | undefined;
  ended: Date | undefined;
  selected: Visit | undefined;
  onSelect: (visit: Visit) => void;
}

const words = texts.execution;

export function StatesTable({ visits, started, ended, selected, onSelect }: Props) {
  const begin = started?.getTime() ?? 0;
  const span = Math.max(1, (ended?.getTime() ?? Date.now()) - begin);
  const { items, collectionProps, paginationProps } = useCollection(visits, { pagination: { pageSize: 20 }, sorting: {} });
  const columns = [
    { id: "name", header: words.state, isRowHeader: true, sortingField: "name", cell: (visit: Visit) => (
      <Button variant="inline-link" onClick={() => onSelect(visit)}>{visit.iteration === undefined ? visit.name : `${visit.name} #${visit.iteration}`}</Button>
    ) },
    { id: "type", header: texts.machines.type, sortingField: "type", cell: ({ type }: Visit) => type },
    { id: "status", header: texts.machine.status, sortingField: "status", cell: ({ status }: Visit) => <Status status={status} /> },
    { id: "took", header: texts.machine.took, cell: (visit: Visit) => duration(length(visit)) },
    { id: "timeline", header: words.timeline, minWidth: 160, cell: (visit: Visit) => <Bar visit={visit} begin={begin} span={span} /> },
  ];
  return (
    <Table
      {...collectionProps}
      variant="embedded"
      items={items}
      columnDefinitions={columns}
      trackBy={({ id }) => String(id)}
      selectedItems={selected ? [selected] : []}
      ariaLabels={{ tableLabel: words.states }}
      empty={words.noStates}
      pagination={<Pagination {...paginationProps} />}
    />
  );
}

function length({ entered, exited }: Visit): number | undefined {
  return entered && exited && exited.getTime() - entered.getTime();
}

/** When the state was entered and left, in proportion to the whole execution. */
function Bar({ visit, begin, span }: { visit: Visit; begin: number; span: number }) {
  const from = Math.max(0, (visit.entered?.getTime() ?? begin) - begin);
  const until = Math.max(from, (visit.exited?.getTime() ?? begin + span) - begin);
  const left = Math.min(99, (from / span) * 100);
  const width = Math.max(1, Math.min(100 - left, ((until - from) / span) * 100));
  return (
    <div className="bar" role="img" aria-label={words.bar(duration(from), duration(until - from))}>
      <div className={`bar-part bar-${visit.status.toLowerCase()}`} style={{ marginInlineStart: `${left}%`, inlineSize: `${width}%` }} />
    </div>
  );
}

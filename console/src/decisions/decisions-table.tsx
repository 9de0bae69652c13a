import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import type { Decision } from "../aws/stepward.ts";
import type { Resource } from "../aws/use-resource.ts";
import { texts } from "../texts.ts";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";
import { DecisionDetail } from "./decision-detail.tsx";

const words = texts.decisions;

/** Decisions, newest first; the chosen one with its reasons below. */
export function DecisionsTable({ decisions }: { decisions: Resource<Decision[]> }) {
  const [selected, setSelected] = useState<Decision[]>([]);
  const chosen = selected[0];
  return (
    <SpaceBetween size="m">
      <ResourceTable
        title={words.title}
        resource={decisions}
        columns={[
          { id: "time", header: words.time, cell: ({ timestamp }: Decision) => <Time at={new Date(timestamp * 1_000)} /> },
          { id: "decision", header: words.decision, cell: ({ decision }: Decision) => <Verdict decision={decision} /> },
          { id: "action", header: words.action, isRowHeader: true, sortingField: "action", cell: ({ action }: Decision) => action },
          { id: "resource", header: words.resource, cell: ({ resource }: Decision) => <span className="arn">{resource}</span> },
          { id: "principal", header: words.principal, cell: ({ principal }: Decision) => <span className="arn">{principal}</span> },
        ]}
        keyOf={({ id }) => id}
        searchable={({ action, principal, resource }) => `${action} ${principal} ${resource}`}
        emptyText={words.empty}
        selected={selected}
        onSelect={setSelected}
      />
      {chosen && <Container header={<Header variant="h2">{chosen.action}</Header>}><DecisionDetail decision={chosen} /></Container>}
    </SpaceBetween>
  );
}

export function Verdict({ decision }: { decision: Decision["decision"] }) {
  return <StatusIndicator type={decision === "Allowed" ? "success" : "error"}>{decision === "Allowed" ? words.allowed : words.denied}</StatusIndicator>;
}

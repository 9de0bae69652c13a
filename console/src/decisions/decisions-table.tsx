import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useEffect, useRef, useState } from "react";
import type { Decision } from "../aws/stepward.ts";
import type { Resource } from "../aws/use-resource.ts";
import { href } from "../router.ts";
import { texts } from "../texts.ts";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";
import { DecisionDetail } from "./decision-detail.tsx";
import { holderOf } from "./holder.ts";

const words = texts.decisions;

interface Props {
  decisions: Resource<Decision[]>;
  /** Whoever asks why something was denied sees the latest denial at once. */
  opensFirst: boolean;
}

/** Decisions, newest first; the chosen one with its reasons above. */
export function DecisionsTable({ decisions, opensFirst }: Props) {
  const [selected, setSelected] = useState<Decision[]>();
  const detail = useRef<HTMLDivElement>(null);
  const chosen = selected ? selected[0] : opensFirst ? decisions.value?.[0] : undefined;
  useEffect(() => {
    if (selected?.[0]) detail.current?.scrollIntoView({ block: "nearest" });
  }, [selected]);
  return (
    <SpaceBetween size="m">
      {chosen && (
        <div ref={detail} className="below-bar">
          <Container header={<Header variant="h2" description={<Time at={new Date(chosen.timestamp * 1_000)} />}>{words.why(chosen.decision === "Allowed")}</Header>}>
            <DecisionDetail decision={chosen} />
          </Container>
        </div>
      )}
      <ResourceTable
        title={words.title}
        resource={decisions}
        columns={[
          { id: "time", header: words.time, cell: ({ timestamp }: Decision) => <Time at={new Date(timestamp * 1_000)} /> },
          { id: "decision", header: words.decision, cell: ({ decision }: Decision) => <Verdict decision={decision} /> },
          { id: "action", header: words.action, isRowHeader: true, sortingField: "action", cell: ({ action }: Decision) => action },
          { id: "resource", header: words.resource, cell: ({ resource }: Decision) => <span className="arn">{resource}</span> },
          { id: "principal", header: words.principal, cell: ({ principal }: Decision) => <Caller principal={principal} /> },
        ]}
        keyOf={({ id }) => id}
        searchable={({ action, principal, resource }) => `${action} ${principal} ${resource}`}
        emptyText={words.empty}
        selected={chosen ? [chosen] : []}
        onSelect={setSelected}
      />
    </SpaceBetween>
  );
}

export function Verdict({ decision }: { decision: Decision["decision"] }) {
  return <StatusIndicator type={decision === "Allowed" ? "success" : "error"}>{decision === "Allowed" ? words.allowed : words.denied}</StatusIndicator>;
}

function Caller({ principal }: { principal: string }) {
  const { kind, name } = holderOf(principal);
  if (kind === "other") return <span className="arn">{name}</span>;
  return <span title={principal}><Link href={href(["iam", kind, name])}>{name}</Link></span>;
}

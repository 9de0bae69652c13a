import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Decision, StepwardClient } from "../../aws/stepward.ts";
import { useResource } from "../../aws/use-resource.ts";
import { DecisionDetail } from "../../decisions/decision-detail.tsx";
import { Verdict } from "../../decisions/decisions-table.tsx";
import { useClients } from "../../session/session.ts";
import { texts } from "../../texts.ts";
import { Loaded } from "../../ui/loading.tsx";
import { type Denial, explainExecution } from "../advice.ts";
import { decisionsOfVisit } from "./decisions-of-visit.ts";
import type { Visit } from "./visits.ts";

const words = texts.execution;
const DECISIONS_MAX = 1_000;

/** What IAM decided on the calls of a state: with the reasons and the fix when it was denied. */
export function StateDecisions({ executionArn, visit }: { executionArn: string; visit: Visit }) {
  const { stepward } = useClients();
  const decisions = useResource(() => load(stepward, executionArn, visit), [stepward, executionArn, visit.id, visit.status]);
  return (
    <Loaded resource={decisions}>
      {(found) => found.length === 0
        ? <Box color="text-status-inactive">{words.noDecisions}</Box>
        : <SpaceBetween size="s">{found.map((decision) => <OfState key={decision.id} decision={decision} />)}</SpaceBetween>}
    </Loaded>
  );
}

/** A denial is told at once; what was allowed only to who asks. */
function OfState({ decision }: { decision: Decision }) {
  if (decision.decision === "Denied") return <DecisionDetail decision={decision} isInExecution />;
  return (
    <ExpandableSection headerText={<><Verdict decision={decision.decision} /> {decision.action}</>} headerDescription={decision.resource}>
      <DecisionDetail decision={decision} isInExecution />
    </ExpandableSection>
  );
}

async function load(stepward: StepwardClient, executionArn: string, visit: Visit): Promise<Decision[]> {
  const [denials, { decisions }] = await Promise.all([
    // Who may read the log but not ask for explanations sees the log alone.
    visit.error === undefined ? [] : explainExecution(stepward, executionArn).catch((): Denial[] => []),
    stepward.listDecisions({ executionArn, maxResults: DECISIONS_MAX }),
  ]);
  return decisionsOfVisit(visit, denials, decisions);
}

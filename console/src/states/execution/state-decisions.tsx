import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Decision } from "../../aws/stepward.ts";
import { useResource } from "../../aws/use-resource.ts";
import { DecisionDetail } from "../../decisions/decision-detail.tsx";
import { Verdict } from "../../decisions/decisions-table.tsx";
import { useClients } from "../../session/session.ts";
import { texts } from "../../texts.ts";
import { Loaded } from "../../ui/loading.tsx";
import type { Visit } from "./visits.ts";

interface Props {
  executionArn: string;
  visit: Visit;
}

const words = texts.execution;
/** The clocks of the record and of the event are read one after the other. */
const SLACK_MS = 2_000;

/** What IAM decided on the calls of a state: with the reasons and the fix when it was denied. */
export function StateDecisions({ executionArn, visit }: Props) {
  const { stepward } = useClients();
  const decisions = useResource(
    async () => (await stepward.listDecisions({ executionArn, maxResults: 1000 })).decisions.filter((decision) => belongs(decision, visit, executionArn)),
    [stepward, executionArn, visit.id, visit.status],
  );
  return (
    <Loaded resource={decisions}>
      {(found) => found.length === 0
        ? <Box color="text-status-inactive">{words.noDecisions}</Box>
        : (
          <SpaceBetween size="s">
            {found.map((decision) => (
              <ExpandableSection key={decision.id} defaultExpanded={decision.decision === "Denied"} headerText={<><Verdict decision={decision.decision} /> {decision.action}</>} headerDescription={decision.resource}>
                <DecisionDetail decision={decision} />
              </ExpandableSection>
            ))}
          </SpaceBetween>
        )}
    </Loaded>
  );
}

/** Those of the state; where the log does not name states, those of its role while the state was open. */
export function belongs(decision: Decision, visit: Visit, executionArn: string): boolean {
  if (decision.executionArn !== undefined && decision.executionArn !== executionArn) return false;
  if (decision.stateName !== undefined && decision.stateName !== visit.name) return false;
  const at = decision.timestamp * 1_000;
  const from = (visit.entered?.getTime() ?? 0) - SLACK_MS;
  const until = (visit.exited?.getTime() ?? Infinity) + SLACK_MS;
  const isOfExecution = decision.executionArn !== undefined || decision.sourceArn === machineOf(executionArn);
  return isOfExecution && at >= from && at <= until;
}

function machineOf(executionArn: string): string {
  return executionArn.replace(":execution:", ":stateMachine:").split(":").slice(0, 7).join(":");
}

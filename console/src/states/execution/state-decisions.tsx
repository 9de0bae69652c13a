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
import type { Visit } from "./visits.ts";

export interface Ran {
  executionArn: string;
  /** Its execution role. */
  roleArn: string;
}

const words = texts.execution;
/** The clocks of the record and of the event are read one after the other. */
const SLACK_MS = 2_000;

/** What IAM decided on the calls of a state: with the reasons and the fix when it was denied. */
export function StateDecisions({ ran, visit }: { ran: Ran; visit: Visit }) {
  const { stepward } = useClients();
  const decisions = useResource(() => decisionsOf(stepward, ran, visit), [stepward, ran.executionArn, ran.roleArn, visit.id, visit.status]);
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

async function decisionsOf(stepward: StepwardClient, ran: Ran, visit: Visit): Promise<Decision[]> {
  const role = ran.roleArn.split("/").pop() ?? "";
  const [explained, { decisions }] = await Promise.all([
    // An Express execution has no history to explain; the log has its decisions all the same.
    visit.error === undefined ? [] : explainExecution(stepward, ran.executionArn).catch((): Denial[] => []),
    stepward.listDecisions({ maxResults: 1000 }),
  ]);
  const ids = new Set(visit.events.map(({ id }) => id));
  const denials = explained.filter(({ eventId }) => ids.has(eventId)).map(asDecision);
  const logged = decisions.filter((decision) => belongs(decision, visit, ran.executionArn, role));
  return [...denials, ...logged.filter((decision) => !denials.some((denial) => denial.action === decision.action && decision.decision === "Denied"))];
}

function asDecision({ eventId, action, resource, cause, explanation, fix }: Denial): Decision {
  const shown = { ...(cause && { message: cause }), ...(explanation && { explanation }), ...(fix && { fix }) };
  return { id: `event ${eventId}`, timestamp: 0, principal: "", action, resource, decision: "Denied", ...shown };
}

/** Those that the log ties to the state; else those of its role while the state was open. */
export function belongs(decision: Decision, visit: Visit, executionArn: string, role: string): boolean {
  if (decision.executionArn !== undefined && decision.executionArn !== executionArn) return false;
  if (decision.stateName !== undefined && decision.stateName !== visit.name) return false;
  const at = decision.timestamp * 1_000;
  const from = (visit.entered?.getTime() ?? 0) - SLACK_MS;
  const until = (visit.exited?.getTime() ?? Infinity) + SLACK_MS;
  const isOfRole = decision.principal.includes(`:assumed-role/${role}/`) || decision.sourceArn === machineOf(executionArn);
  return (decision.executionArn !== undefined || isOfRole) && at >= from && at <= until;
}

function machineOf(executionArn: string): string {
  return executionArn.replace(":execution:", ":stateMachine:").split(":").slice(0, 7).join(":");
}

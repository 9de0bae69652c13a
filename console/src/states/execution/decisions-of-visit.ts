// Which recorded decisions belong to one visit of a state.
import type { Decision } from "../../aws/stepward.ts";
import type { Denial } from "../advice.ts";
import type { Visit } from "./visits.ts";

/** Decisions are recorded a moment before or after the event that they lead to. */
const SLACK_MS = 1_000;

/** Denials that the history tells of, with their explanation; then what the log has of the state. */
export function decisionsOfVisit(visit: Visit, denials: Denial[], logged: Decision[]): Decision[] {
  const ids = new Set(visit.events.map(({ id }) => id));
  const told = denials.filter(({ eventId }) => ids.has(eventId)).map(asDecision);
  const isTold = ({ action, resource }: Decision) => told.some((denial) => denial.action === action && denial.resource === resource);
  const ofState = logged.filter(({ stateName }) => stateName === visit.name);
  // Allowed calls that are alike are one entry, whichever visit they come from; a denial is of the visit it fell in.
  const others = ofState.filter((decision) => decision.decision === "Allowed" || (!isTold(decision) && isDuring(decision, visit)));
  return [...told, ...others];
}

function isDuring({ timestamp }: Decision, { entered, exited }: Visit): boolean {
  const at = timestamp * 1_000;
  return at >= (entered?.getTime() ?? 0) - SLACK_MS && at <= (exited?.getTime() ?? Infinity) + SLACK_MS;
}

function asDecision({ eventId, principal = "", action, resource, cause, explanation, fix }: Denial): Decision {
  const shown = { ...(cause && { message: cause }), ...(explanation && { explanation }), ...(fix && { fix }) };
  return { id: `event ${eventId}`, timestamp: 0, principal, action, resource, decision: "Denied", ...shown };
}

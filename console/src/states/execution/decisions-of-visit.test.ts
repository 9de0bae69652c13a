import { expect, test } from "vitest";
import type { Decision } from "../../aws/stepward.ts";
import { decisionsOfVisit } from "./decisions-of-visit.ts";
import { visitsOf } from "./visits.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const [first, second] = visitsOf([
  { id: 1, type: "ExecutionStarted", timestamp: at(0) },
  { id: 2, previousEventId: 1, type: "TaskStateEntered", timestamp: at(0), stateEnteredEventDetails: { name: "A" } },
  { id: 3, previousEventId: 2, type: "TaskFailed", timestamp: at(1), taskFailedEventDetails: { resourceType: "lambda", resource: "invoke", error: "E" } },
  { id: 4, previousEventId: 3, type: "TaskStateExited", timestamp: at(1), stateExitedEventDetails: { name: "A" } },
  { id: 5, previousEventId: 4, type: "TaskStateEntered", timestamp: at(10), stateEnteredEventDetails: { name: "A" } },
]);
const decision = (id: string, change: Partial<Decision>): Decision => ({ id, timestamp: at(1).getTime() / 1_000, principal: "", action: "lambda:InvokeFunction", resource: "f", decision: "Denied", stateName: "A", ...change });

test("a denial that the history tells of is said once, with its explanation", () => {
  const denial = { eventId: 3, stateName: "A", action: "lambda:InvokeFunction", resource: "f", explanation: "because" };
  const found = decisionsOfVisit(first!, [denial], [decision("1", {}), decision("2", { decision: "Allowed", resource: "g" }), decision("3", { stateName: "B" })]);
  expect(found.map(({ id, explanation }) => [id, explanation])).toEqual([["event 3", "because"], ["2", undefined]]);
});

test("a denial belongs to the visit that it fell in", () => {
  expect(decisionsOfVisit(first!, [], [decision("1", {})])).toHaveLength(1);
  expect(decisionsOfVisit(second!, [], [decision("1", {})])).toHaveLength(0);
});

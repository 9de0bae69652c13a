import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { expect, test } from "vitest";
import { statusByState, visitsOf } from "./visits.ts";

/** Events in a short form: `Type<previous name`. */
function events(...lines: string[]): HistoryEvent[] {
  return lines.map((line, at) => {
    const [, type = "", previous, name] = /^(\w+)(?:<(\d+))?(?: (\w+))?$/.exec(line) ?? [];
    const entered = type.endsWith("StateEntered") ? { stateEnteredEventDetails: { name, input: "{}" } } : {};
    const failed = type === "TaskFailed" ? { taskFailedEventDetails: { error: "Oops", resource: "r", resourceType: "t" } } : {};
    const iteration = type === "MapIterationStarted" ? { mapIterationStartedEventDetails: { name: "m", index: Number(name) } } : {};
    return { id: at + 1, previousEventId: previous ? Number(previous) : at, type, timestamp: new Date(at), ...entered, ...failed, ...iteration } as HistoryEvent;
  });
}

const statuses = (found: HistoryEvent[]) => visitsOf(found).map(({ name, status }) => `${name} ${status}`);

test("a state is running until it is left", () => {
  const start = events("ExecutionStarted", "PassStateEntered A");
  expect(statuses(start)).toEqual(["A RUNNING"]);
  expect(statuses(events("ExecutionStarted", "PassStateEntered A", "PassStateExited", "ExecutionSucceeded"))).toEqual(["A SUCCEEDED"]);
});

test("a failure that is retried is no failure, and one that is caught is told apart", () => {
  const retried = visitsOf(events("ExecutionStarted", "TaskStateEntered A", "TaskScheduled", "TaskFailed", "TaskScheduled", "TaskSucceeded", "TaskStateExited"));
  expect(retried.map(({ status, retries }) => [status, retries])).toEqual([["SUCCEEDED", 1]]);
  expect(statuses(events("ExecutionStarted", "TaskStateEntered A", "TaskScheduled", "TaskFailed", "TaskStateExited", "PassStateEntered B"))).toEqual(["A CAUGHT", "B RUNNING"]);
});

test("what is open when the execution ends, ends with it", () => {
  expect(statuses(events("ExecutionStarted", "WaitStateEntered A", "ExecutionAborted"))).toEqual(["A ABORTED"]);
  expect(statuses(events("ExecutionStarted", "TaskStateEntered A", "TaskScheduled", "TaskFailed", "ExecutionFailed"))).toEqual(["A FAILED"]);
});

test("events of a Map belong to it, and inner visits know their iteration", () => {
  const found = visitsOf(events(
    "ExecutionStarted", "MapStateEntered M", "MapStateStarted", "MapIterationStarted<3 0", "MapIterationStarted<3 1", "PassStateEntered<4 P", "PassStateExited<6",
    "MapIterationSucceeded<7", "PassStateEntered<5 P", "PassStateExited<9", "MapIterationSucceeded<10", "MapStateSucceeded<11", "MapStateExited<12",
  ));
  expect(found.map(({ name, status, iteration, parent }) => [name, status, iteration, parent?.name])).toEqual([
    ["M", "SUCCEEDED", undefined, undefined], ["P", "SUCCEEDED", 0, "M"], ["P", "SUCCEEDED", 1, "M"],
  ]);
  expect(statusByState(found)).toEqual(new Map([["M", "SUCCEEDED"], ["P", "SUCCEEDED"]]));
});

test("25,000 events are folded in a moment", () => {
  const loop = Array.from({ length: 12_499 }, () => ["PassStateEntered A", "PassStateExited"]).flat();
  expect(visitsOf(events("ExecutionStarted", ...loop)).length).toBe(12_499);
});

test("a redrive goes on with the state that was left open", () => {
  const [visit, ...others] = visitsOf([
    { id: 1, type: "ExecutionStarted", timestamp: new Date(0) },
    { id: 2, previousEventId: 1, type: "TaskStateEntered", timestamp: new Date(1), stateEnteredEventDetails: { name: "A" } },
    { id: 3, previousEventId: 2, type: "LambdaFunctionScheduled", timestamp: new Date(1) },
    { id: 4, previousEventId: 3, type: "LambdaFunctionFailed", timestamp: new Date(2), lambdaFunctionFailedEventDetails: { error: "E", cause: "c" } },
    { id: 5, previousEventId: 4, type: "ExecutionFailed", timestamp: new Date(2), executionFailedEventDetails: { error: "E" } },
    { id: 6, previousEventId: 5, type: "ExecutionRedriven", timestamp: new Date(9) },
    { id: 7, previousEventId: 6, type: "LambdaFunctionScheduled", timestamp: new Date(9) },
    { id: 8, previousEventId: 7, type: "LambdaFunctionSucceeded", timestamp: new Date(10) },
    { id: 9, previousEventId: 8, type: "TaskStateExited", timestamp: new Date(10), stateExitedEventDetails: { name: "A", output: "1" } },
    { id: 10, previousEventId: 9, type: "ExecutionSucceeded", timestamp: new Date(10) },
  ]);
  expect(others).toEqual([]);
  expect(visit).toMatchObject({ name: "A", status: "SUCCEEDED", output: "1", error: undefined, exited: new Date(10) });
});

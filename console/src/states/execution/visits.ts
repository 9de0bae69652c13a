// A history as visits of states: each entering of a state, what happened in it, and how it was left.
import type { HistoryEvent } from "@aws-sdk/client-sfn";

export type VisitStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "CAUGHT" | "ABORTED" | "TIMED_OUT";

export interface Visit {
  /** Id of the event that entered the state. */
  id: number;
  name: string;
  type: string;
  status: VisitStatus;
  entered: Date | undefined;
  exited: Date | undefined;
  input: string | undefined;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  /** How often the task was tried again. */
  retries: number;
  /** The Map iteration that it belongs to. */
  iteration: number | undefined;
  /** What a Task calls; what its failure points at. */
  mapRunArn: string | undefined;
  childExecutionArn: string | undefined;
  events: HistoryEvent[];
  parent: Visit | undefined;
}

export interface Details {
  [member: string]: unknown;
}

/** The part of an event that its type brings along. */
export function details(event: HistoryEvent): Details {
  const found = Object.entries(event).find(([key, value]) => key.endsWith("EventDetails") && value !== undefined);
  return (found?.[1] as Details | undefined) ?? {};
}

/** Folds the events of an execution, in their order, into visits. */
export function visitsOf(events: readonly HistoryEvent[]): Visit[] {
  const visits: Visit[] = [];
  const visitOf = new Map<number, Visit>();
  const iterationOf = new Map<number, number>();
  const types = new Map<number, string>();
  let redriven = { id: -1, open: [] as Visit[] };
  for (const event of events) {
    const { id = 0, previousEventId = 0, type = "" } = event;
    types.set(id, type);
    if (type === "ExecutionRedriven") {
      redriven = { id, open: reopened(visits) };
      continue;
    }
    const isGoingOn = previousEventId === redriven.id && !type.endsWith("StateEntered");
    const before = visitOf.get(previousEventId) ?? (isGoingOn ? redriven.open.shift() : undefined);
    const iteration = iterationIndex(event) ?? iterationOf.get(previousEventId);
    if (iteration !== undefined) iterationOf.set(id, iteration);
    if (type.endsWith("StateEntered")) {
      const hasLeft = types.get(previousEventId)?.endsWith("StateExited") ?? false;
      const visit = enter(event, hasLeft ? before?.parent : container(before), iteration);
      visits.push(visit);
      visitOf.set(id, visit);
      continue;
    }
    const visit = owner(type, before);
    if (!visit) {
      if (isEnd(type)) endAll(visits, type, event);
      continue;
    }
    visitOf.set(id, visit);
    visit.events.push(event);
    note(visit, event);
  }
  return visits;
}

/** What a redrive goes on with: the states that were left open when the execution ended, innermost ones as the next to be heard of. */
function reopened(visits: Visit[]): Visit[] {
  const open = visits.filter(({ events, status }) => status !== "SUCCEEDED" && !events.some(({ type = "" }) => type.endsWith("StateExited")));
  for (const visit of open) [visit.exited, visit.status] = [undefined, "RUNNING"];
  return open.filter((visit) => !open.some(({ parent }) => parent === visit));
}

function enter(event: HistoryEvent, parent: Visit | undefined, iteration: number | undefined): Visit {
  const { name = "", input } = event.stateEnteredEventDetails ?? {};
  return {
    id: event.id ?? 0, name, type: (event.type ?? "").replace(/StateEntered$/, ""), status: "RUNNING", entered: event.timestamp, exited: undefined,
    input, output: undefined, error: undefined, cause: undefined, retries: 0, iteration, mapRunArn: undefined, childExecutionArn: undefined,
    events: [event], parent,
  };
}

/** The Map or Parallel that a state entered from inside of it belongs to. */
function container(visit: Visit | undefined): Visit | undefined {
  if (!visit) return undefined;
  return visit.type === "Map" || visit.type === "Parallel" ? visit : visit.parent;
}

/** Whose event it is: those of a Map or Parallel may follow an event of an inner state. */
function owner(type: string, before: Visit | undefined): Visit | undefined {
  if (isEnd(type)) return undefined;
  const kind = /^(Map|Parallel)/.exec(type)?.[1];
  let visit = before;
  while (kind && visit && visit.type !== kind) visit = visit.parent;
  return visit ?? before;
}

function iterationIndex(event: HistoryEvent): number | undefined {
  return event.type === "MapIterationStarted" ? event.mapIterationStartedEventDetails?.index : undefined;
}

function isEnd(type: string): boolean {
  return /^Execution(Failed|Succeeded|Aborted|TimedOut)$/.test(type);
}

function note(visit: Visit, event: HistoryEvent): void {
  const type = event.type ?? "";
  const { error, cause, output, mapRunArn, resourceType } = details(event);
  if (type.endsWith("StateExited")) {
    visit.exited = event.timestamp;
    visit.output = event.stateExitedEventDetails?.output;
    visit.status = visit.error === undefined ? "SUCCEEDED" : "CAUGHT";
    return;
  }
  if (/(Failed|TimedOut|Aborted)$/.test(type) && !type.startsWith("MapIteration")) {
    visit.error = typeof error === "string" ? error : type;
    visit.cause = typeof cause === "string" ? cause : undefined;
    visit.status = type.endsWith("TimedOut") ? "TIMED_OUT" : type.endsWith("Aborted") ? "ABORTED" : "FAILED";
  }
  if (/^(Task|LambdaFunction|Activity)Scheduled$/.test(type)) {
    // Scheduled again after a failure: that failure was retried.
    if (visit.error !== undefined) visit.retries += 1;
    [visit.error, visit.cause, visit.status] = [undefined, undefined, "RUNNING"];
  }
  if (/Succeeded$/.test(type) && !type.startsWith("MapIteration")) [visit.error, visit.cause] = [undefined, undefined];
  if (typeof mapRunArn === "string") visit.mapRunArn = mapRunArn;
  if (resourceType === "states" && type === "TaskSubmitted" && typeof output === "string") visit.childExecutionArn = childArn(output);
}

function childArn(output: string): string | undefined {
  return /"executionArn"\s*:\s*"([^"]+)"/i.exec(output)?.[1];
}

/** What was still open when the execution ended. */
function endAll(visits: Visit[], type: string, event: HistoryEvent): void {
  const { error, cause } = details(event);
  const status: VisitStatus = type === "ExecutionAborted" ? "ABORTED" : type === "ExecutionTimedOut" ? "TIMED_OUT" : "FAILED";
  const open = visits.filter(({ exited, status: is }) => exited === undefined && is === "RUNNING");
  for (const visit of open) {
    visit.exited = event.timestamp;
    visit.status = type === "ExecutionSucceeded" ? "SUCCEEDED" : status;
    // A Fail state has no event of its own: it fails the execution.
    if (visit.type === "Fail") [visit.error, visit.cause] = [text(error), text(cause)];
  }
  for (const visit of visits) visit.exited ??= event.timestamp;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Whether the state failed because IAM refused one of its calls. */
export function isDenied({ cause }: Visit): boolean {
  return cause !== undefined && cause.includes("is not authorized to perform: ");
}

/** What a person who opens a failed execution wants to see: the latest visit that IAM refused, else the latest that failed. */
export function mostTelling(visits: readonly Visit[]): Visit | undefined {
  return visits.findLast(isDenied) ?? visits.findLast(({ error }) => error !== undefined);
}

const RANK: VisitStatus[] = ["SUCCEEDED", "CAUGHT", "ABORTED", "TIMED_OUT", "FAILED", "RUNNING"];

/** One status for each state: what matters most of its visits. */
export function statusByState(visits: readonly Visit[]): Map<string, string> {
  const found = new Map<string, VisitStatus>();
  for (const { name, status } of visits) {
    const before = found.get(name);
    if (before === undefined || RANK.indexOf(status) > RANK.indexOf(before)) found.set(name, status);
  }
  return found;
}

// The shape of a definition: states and what leads where. Reads half-written definitions as far as they make sense.
import { isObject } from "../../ui/json-text.ts";

export interface OutlineState {
  name: string;
  type: string;
  /** What a Task calls, as people say it: `lambda:invoke`. */
  detail: string;
  /** Inner machines of Map and Parallel. */
  inner: Outline[];
}

export interface OutlineEdge {
  from: string;
  to: string;
  label: string;
}

export interface Outline {
  states: OutlineState[];
  edges: OutlineEdge[];
}

export const START = "\u0000start";
export const END = "\u0000end";

export function outline(definition: unknown): Outline {
  if (!isObject(definition) || !isObject(definition["States"])) return { states: [], edges: [] };
  const states: OutlineState[] = [];
  const edges: OutlineEdge[] = [];
  const known = new Set(Object.keys(definition["States"]));
  const startAt = definition["StartAt"];
  if (typeof startAt === "string" && known.has(startAt)) edges.push({ from: START, to: startAt, label: "" });
  for (const [name, state] of Object.entries(definition["States"])) {
    if (!isObject(state)) continue;
    const type = String(state["Type"] ?? "?");
    states.push({ name, type, detail: detailOf(state), inner: innerOf(state) });
    edges.push(...edgesOf(name, type, state).filter(({ to }) => to === END || known.has(to)));
  }
  return { states, edges };
}

function edgesOf(from: string, type: string, state: Record<string, unknown>): OutlineEdge[] {
  const found: OutlineEdge[] = [];
  const lead = (to: unknown, label: string) => {
    if (typeof to === "string") found.push({ from, to, label });
  };
  lead(state["Next"], "");
  list(state["Choices"]).forEach((choice, at) => lead(choice["Next"], `Rule ${at + 1}`));
  lead(state["Default"], "Default");
  list(state["Catch"]).forEach((catcher, at) => lead(catcher["Next"], `Catch ${at + 1}`));
  if (state["End"] === true || type === "Succeed" || type === "Fail") lead(END, "");
  return found;
}

function innerOf(state: Record<string, unknown>): Outline[] {
  const machines = [state["ItemProcessor"], state["Iterator"], ...list(state["Branches"])];
  return machines.filter(isObject).map(outline);
}

function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function detailOf(state: Record<string, unknown>): string {
  const resource = state["Resource"];
  if (typeof resource !== "string") return "";
  const integration = /^arn:[^:]*:states:[^:]*:[^:]*:(.+)$/.exec(resource)?.[1];
  return integration ?? resource.split(":").slice(-2).join(":");
}

/** Every state of a definition, inner ones too. */
export function allStates({ states }: Outline): OutlineState[] {
  return states.flatMap((state) => [state, ...state.inner.flatMap(allStates)]);
}

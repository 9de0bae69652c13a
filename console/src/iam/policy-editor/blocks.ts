// A policy as the visual editor shows it: one block for each statement and service. Both directions, so that the
// JSON tab and the visual editor stay the same policy.
import { isObject } from "../../ui/json-text.ts";
import { newId } from "../../ui/new-id.ts";

export interface Condition {
  operator: string;
  key: string;
  values: string[];
}

export interface Block {
  id: string;
  sid: string;
  effect: "Allow" | "Deny";
  /** Prefix such as `lambda`; empty while none is chosen. */
  service: string;
  /** Names without the prefix; `*` is all. */
  actions: string[];
  /** ARNs; `*` alone is all. */
  resources: string[];
  conditions: Condition[];
  /** A statement that the visual editor cannot show, kept as it is. */
  raw?: Record<string, unknown>;
}

export function newBlock(): Block {
  return { id: newId(), sid: "", effect: "Allow", service: "", actions: [], resources: [], conditions: [] };
}

export function toText(blocks: Block[]): string {
  const statements = blocks.filter((block) => block.raw ?? block.service).map(toStatement);
  return JSON.stringify({ Version: "2012-10-17", Statement: statements }, undefined, 2);
}

function toStatement(block: Block): Record<string, unknown> {
  if (block.raw) return block.raw;
  return {
    ...(block.sid && { Sid: block.sid }),
    Effect: block.effect,
    Action: oneOrMany(block.actions.map((action) => `${block.service}:${action}`)),
    Resource: oneOrMany(block.resources),
    ...(block.conditions.length > 0 && { Condition: toConditions(block.conditions) }),
  };
}

function oneOrMany(values: string[]): string | string[] {
  return values.length === 1 ? (values[0] ?? "") : values;
}

function toConditions(conditions: Condition[]): Record<string, Record<string, string | string[]>> {
  const made: Record<string, Record<string, string | string[]>> = {};
  for (const { operator, key, values } of conditions) {
    if (!operator || !key) continue;
    (made[operator] ??= {})[key] = oneOrMany(values);
  }
  return made;
}

/** The blocks of a policy; nothing when it is no policy. */
export function fromDocument(document: unknown): Block[] | undefined {
  if (!isObject(document) || document["Statement"] === undefined) return undefined;
  const statements = [document["Statement"]].flat();
  return statements.every(isObject) ? statements.flatMap(fromStatement) : undefined;
}

function fromStatement(statement: Record<string, unknown>): Block[] {
  const actions = strings(statement["Action"]);
  const resources = strings(statement["Resource"]);
  const effect = statement["Effect"];
  const isPlain = actions && resources && actions.every((action) => /^[\w-]+:/.test(action)) && (effect === "Allow" || effect === "Deny");
  const conditions = fromConditions(statement["Condition"]);
  if (!isPlain || !conditions || Object.keys(statement).some((key) => !SHOWN.has(key))) {
    return [{ ...newBlock(), raw: statement }];
  }
  const services = [...new Set(actions.map((action) => action.split(":")[0] ?? ""))];
  return services.map((service) => ({
    ...newBlock(),
    // A Sid must not come twice, so that only the first of several services keeps it.
    sid: service === services[0] && typeof statement["Sid"] === "string" ? statement["Sid"] : "",
    effect,
    service,
    actions: actions.filter((action) => action.startsWith(`${service}:`)).map((action) => action.slice(service.length + 1)),
    resources,
    conditions,
  }));
}

const SHOWN = new Set(["Sid", "Effect", "Action", "Resource", "Condition"]);

function strings(value: unknown): string[] | undefined {
  const list = typeof value === "string" ? [value] : value;
  return Array.isArray(list) && list.every((item) => typeof item === "string") ? list : undefined;
}

function fromConditions(condition: unknown): Condition[] | undefined {
  if (condition === undefined) return [];
  if (!isObject(condition)) return undefined;
  const found: Condition[] = [];
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isObject(keys)) return undefined;
    for (const [key, value] of Object.entries(keys)) {
      const values = strings(value);
      if (!values) return undefined;
      found.push({ operator, key, values });
    }
  }
  return found;
}

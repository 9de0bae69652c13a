// ARNs of resources from their patterns, e.g. `arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}`.
import type { ServiceFacts } from "../../aws/reference.ts";

/** The names of a pattern's variables, without the partition. */
export function variables(pattern: string): string[] {
  const names = [...pattern.matchAll(/\$\{(\w+)\}/g)].map((found) => found[1] ?? "");
  return [...new Set(names)].filter((name) => name !== "Partition");
}

/** The ARN; what is left empty is any. */
export function fill(pattern: string, values: Record<string, string>): string {
  return pattern.replaceAll("${Partition}", "aws").replace(/\$\{(\w+)\}/g, (_, name: string) => values[name]?.trim() || "*");
}

/** The resource types that the chosen actions act on; all of the service's when every action is chosen. */
export function resourceTypes(facts: ServiceFacts, actions: string[]): string[] {
  if (actions.some((action) => action.includes("*"))) return Object.keys(facts.resources).sort();
  const types = actions.flatMap((action) => facts.actions[action]?.resources?.map(({ name }) => name.replace(/\*$/, "")) ?? []);
  return [...new Set(types)].filter((type) => type in facts.resources).sort();
}

/** Condition keys that the chosen actions know, with the global ones that people use most. */
export function conditionKeys(facts: ServiceFacts, actions: string[]): string[] {
  const own = actions.flatMap((action) => facts.actions[action]?.keys ?? []);
  const types = resourceTypes(facts, actions).flatMap((type) => facts.resources[type]?.keys ?? []);
  return [...new Set([...own, ...types, ...(actions.includes("*") ? Object.keys(facts.keys) : []), ...GLOBAL_KEYS])].sort();
}

const GLOBAL_KEYS = [
  "aws:CurrentTime", "aws:MultiFactorAuthPresent", "aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:RequestedRegion",
  "aws:ResourceAccount", "aws:SecureTransport", "aws:SourceAccount", "aws:SourceArn", "aws:SourceIp", "aws:UserAgent",
];

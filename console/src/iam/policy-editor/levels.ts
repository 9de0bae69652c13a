import type { ServiceFacts } from "../../aws/reference.ts";

/** AWS's order of access levels. */
const ORDER = ["List", "Read", "Write", "Permissions management", "Tagging"];

/** The actions that a search finds, by access level. */
export function byLevel(facts: ServiceFacts, search: string): [string, string[]][] {
  const levels = new Map<string, string[]>();
  const wanted = search.trim().toLowerCase();
  for (const [name, { level }] of Object.entries(facts.actions)) {
    if (!name.toLowerCase().includes(wanted)) continue;
    const key = level ?? "Other";
    levels.set(key, [...(levels.get(key) ?? []), name]);
  }
  for (const names of levels.values()) names.sort();
  const rank = (level: string) => (ORDER.includes(level) ? ORDER.indexOf(level) : ORDER.length);
  return [...levels].sort(([a], [b]) => rank(a) - rank(b));
}

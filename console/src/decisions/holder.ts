// Who called, as the holder of policies: the role behind a session, a user, or somebody else.
import { href } from "../router.ts";
import { texts } from "../texts.ts";

export interface Holder {
  kind: "roles" | "users" | "other";
  name: string;
  /** Of the role or user itself, not of a session. */
  arn: string;
}

export function holderOf(principal: string): Holder {
  const [, account = "", what = ""] = /^arn:[\w-]+:(?:sts|iam)::(\d{12}):(.+)$/.exec(principal) ?? [];
  const [kind = "", ...path] = what.split("/");
  if (kind === "assumed-role") return { kind: "roles", name: path[0] ?? "", arn: `arn:aws:iam::${account}:role/${path[0] ?? ""}` };
  if (kind === "role") return { kind: "roles", name: path[path.length - 1] ?? "", arn: principal };
  if (kind === "user") return { kind: "users", name: path[path.length - 1] ?? "", arn: principal };
  return { kind: "other", name: what || principal, arn: principal };
}

/** Where in the console the statement that would allow the call is written, when it is there. */
export function whereToFix(holder: Holder, missing: string | undefined, statement: string): { href: string; text: string } | undefined {
  if (holder.kind === "other" || missing !== "identity-based policy") return undefined;
  const from = window.location.hash;
  return { href: href(["iam", holder.kind, holder.name, "inline-policy"], { statement, from }), text: texts.denial.add(holder.name) };
}

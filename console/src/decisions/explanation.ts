// The server's explanation of a decision, taken apart so that each statement can be shown on its own.

export interface ExplainedStatement {
  /** Of the policy, e.g. `identity-based policy`. */
  kind: string;
  policy: string;
  /** As people count: the first is 1; or the statement's Sid. */
  statement: string;
  effect: "Allow" | "Deny";
  applies: boolean;
  /** Why it does not apply, e.g. `Resource is arn:…`. */
  reason?: string;
}

export interface Explanation {
  /** Which kind of policy would have had to allow it; nothing for an explicit deny. */
  missing?: string;
  statements: ExplainedStatement[];
}

const STATEMENT = /^- (.+?) (\S+), statement (.+?): (Allow|Deny) (?:applies|does not apply: its (.+))$/;

export function parseExplanation(text: string): Explanation {
  const [verdict = "", ...lines] = text.split("\n");
  const missing = /is denied: no (.+) allows it$/.exec(verdict)?.[1];
  const statements = lines.flatMap((line) => {
    const [, kind = "", policy = "", statement = "", effect = "", reason] = STATEMENT.exec(line) ?? [];
    if (!effect) return [];
    return [{ kind, policy, statement, effect: effect as "Allow" | "Deny", applies: reason === undefined, ...(reason !== undefined && { reason }) }];
  });
  return { ...(missing !== undefined && { missing }), statements };
}

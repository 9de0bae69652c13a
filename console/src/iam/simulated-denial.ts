// A simulator's answer as a denied call, so that it is explained like one; and the statements that decided, in full.
import { type EvaluationResult, GetPolicyCommand, GetPolicyVersionCommand, type Position, type Statement } from "@aws-sdk/client-iam";
import type { Clients } from "../aws/clients.ts";
import type { DeniedCall } from "../decisions/denial-story.tsx";
import { holderOf } from "../decisions/holder.ts";
import { parseJson } from "../ui/json-text.ts";
import { heldPolicies, type HeldPolicy, type Identity, rawInlinePolicy } from "./identities.ts";

export interface Matched {
  policy: string;
  line: number | undefined;
  /** As it stands in the policy; nothing where the policy may not be read. */
  text: string | undefined;
}

export function simulatedDenial(principal: string, result: EvaluationResult, matched: Matched[]): DeniedCall {
  const { EvalActionName: action = "", EvalResourceName: resource = "*" } = result;
  const call = { principal, action, resource };
  if (result.EvalDecision === "explicitDeny") {
    const lines = matched.map(({ policy, line = 1 }) => `\n- policy ${policy || "?"}, statement of line ${line}: Deny applies`);
    return { ...call, explanation: `${action} on ${resource} is explicitly denied${lines.join("")}` };
  }
  const isCapped = result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false;
  // The boundary is what is missing only when the policies allow the call.
  const kind = isCapped && matched.length > 0 ? "permissions boundary" : "identity-based policy";
  return {
    ...call,
    explanation: `${action} on ${resource} is denied: no ${kind} allows it`,
    fix: JSON.stringify({ Effect: "Allow", Action: action, Resource: resource }),
  };
}

/** The statements that decided, read out of the principal's policies. */
export async function matchedStatements(iam: Clients["iam"], principal: string, { MatchedStatements = [] }: EvaluationResult): Promise<Matched[]> {
  const { kind, name } = holderOf(principal);
  if (kind === "other" || MatchedStatements.length === 0) return MatchedStatements.map((statement) => shown(statement, undefined));
  const identity: Identity = { kind, name };
  const held = await heldPolicies(iam, identity).catch((): HeldPolicy[] => []);
  return Promise.all(MatchedStatements.map(async (statement) => {
    const policy = held.find((candidate) => candidate.name === statement.SourcePolicyId);
    return shown(statement, policy && await documentOf(iam, identity, policy).catch(() => undefined));
  }));
}

async function documentOf(iam: Clients["iam"], identity: Identity, { name, arn }: HeldPolicy): Promise<string | undefined> {
  if (!arn) return rawInlinePolicy(iam, identity, name);
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: arn }));
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn: arn, VersionId: Policy?.DefaultVersionId }));
  return decodeURIComponent(PolicyVersion?.Document ?? "");
}

function shown({ SourcePolicyId = "", StartPosition, EndPosition }: Statement, document: string | undefined): Matched {
  const text = document && StartPosition && EndPosition ? cut(document, StartPosition, EndPosition) : undefined;
  return { policy: SourcePolicyId, line: StartPosition?.Line, text };
}

/** From one place to another, whose lines and columns are counted from 1; nothing when that is no statement. */
export function cut(document: string, from: Position, to: Position): string | undefined {
  const lines = document.split("\n");
  const offset = ({ Line = 1, Column = 1 }: Position) => lines.slice(0, Line - 1).reduce((sum, line) => sum + line.length + 1, 0) + Column - 1;
  const text = document.slice(offset(from), offset(to)).trim();
  for (const candidate of [text, `${text}}`]) if (!parseJson(candidate).finding) return candidate;
  return undefined;
}

// A simulator's answer as a denied call, so that it is explained like one; and the statements that decided, in full.
import {
  type EvaluationResult, GetPolicyCommand, GetPolicyVersionCommand, type Position, SimulatePrincipalPolicyCommand, type SimulatePrincipalPolicyCommandInput, type Statement,
} from "@aws-sdk/client-iam";
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

/** What decided one action: read by people. */
export interface Simulated {
  result: EvaluationResult;
  matched: Matched[];
  /** The policies allow it, and the permissions boundary does not. */
  isCapped: boolean;
}

export function simulatedDenial(principal: string, { result, matched, isCapped }: Simulated): DeniedCall {
  const { EvalActionName: action = "", EvalResourceName: resource = "*" } = result;
  const call = { principal, action, resource };
  if (result.EvalDecision === "explicitDeny") {
    const lines = matched.map(({ policy, line = 1 }) => `\n- policy ${policy || "?"}, statement of line ${line}: Deny applies`);
    return { ...call, explanation: `${action} on ${resource} is explicitly denied${lines.join("")}` };
  }
  const kind = isCapped ? "permissions boundary" : "identity-based policy";
  return {
    ...call,
    explanation: `${action} on ${resource} is denied: no ${kind} allows it`,
    fix: JSON.stringify({ Effect: "Allow", Action: action, Resource: resource }),
  };
}

const ALLOW_ALL = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });

/** The answers with the reasons that the simulator leaves out. */
export async function simulate(iam: Clients["iam"], asked: SimulatePrincipalPolicyCommandInput): Promise<Simulated[]> {
  const { EvaluationResults = [] } = await iam.send(new SimulatePrincipalPolicyCommand(asked));
  return Promise.all(EvaluationResults.map(async (result) => ({
    result,
    matched: await matchedStatements(iam, asked.PolicySourceArn ?? "", result),
    isCapped: await isCapped(iam, asked, result),
  })));
}

/** Asks again as if there were no boundary: what is allowed then is denied by it alone. */
async function isCapped(iam: Clients["iam"], asked: SimulatePrincipalPolicyCommandInput, result: EvaluationResult): Promise<boolean> {
  if (result.EvalDecision !== "implicitDeny" || result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary !== false) return false;
  const ActionNames = [result.EvalActionName ?? ""];
  const { EvaluationResults = [] } = await iam.send(new SimulatePrincipalPolicyCommand({ ...asked, ActionNames, PermissionsBoundaryPolicyInputList: [ALLOW_ALL] }));
  return EvaluationResults[0]?.EvalDecision === "allowed";
}

/** The statements that decided, read out of the principal's policies. */
async function matchedStatements(iam: Clients["iam"], principal: string, { MatchedStatements = [] }: EvaluationResult): Promise<Matched[]> {
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

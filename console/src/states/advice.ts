// What Stepward advises: the policy that a definition needs, what a role lacks for it, why an execution was denied.
import type { StepwardClient } from "../aws/stepward.ts";
import { texts } from "../texts.ts";
import type { Finding } from "../ui/json-editor/editor-props.ts";
import { isObject, parseJson, pretty } from "../ui/json-text.ts";

/** The rights that something needs: usually one policy; several when one would be larger than IAM takes. */
export interface Advised {
  policies: string[];
  trustPolicy?: string;
  /** What a person should know of it before using it. */
  notes: string[];
}

/** What the definition is to become, as far as it is known: its name narrows the trust policy. */
export interface Subject {
  definition: string;
  type?: "STANDARD" | "EXPRESS";
  stateMachineName?: string;
}

/** The least that a definition needs. */
export function generatePolicy(stepward: StepwardClient, subject: Subject): Promise<Advised> {
  return advised(stepward, "GeneratePolicy", { ...subject, style: "least-privilege" });
}

export function generatePolicyForMachine(stepward: StepwardClient, stateMachineArn: string): Promise<Advised> {
  return advised(stepward, "GeneratePolicy", { stateMachineArn, style: "least-privilege" });
}

/** The least that allows what a role was recorded to call. */
export function policyFromDecisions(stepward: StepwardClient, role: string): Promise<Advised & { calls: number }> {
  return advised(stepward, "PolicyFromDecisions", { role });
}

async function advised<Answer extends Advised>(stepward: StepwardClient, operation: string, input: object): Promise<Answer> {
  const answer = await stepward.call<Answer>(operation, input);
  return { ...answer, policies: answer.policies.map(pretty).filter(hasStatements) };
}

/** A machine without tasks needs no rights, and IAM refuses a policy without statements. */
function hasStatements(policy: string): boolean {
  const { value } = parseJson(policy);
  return isObject(value) && Array.isArray(value["Statement"]) && value["Statement"].length > 0;
}

export interface Change {
  action: string;
  resource: string;
  count: number;
  change: "NEWLY_DENIED" | "NEWLY_ALLOWED";
  explanation?: string;
  fix?: string;
}

/** Which recorded calls of a role other policies would decide otherwise. */
export async function replayPolicies(stepward: StepwardClient, role: string, policies: string[]): Promise<{ calls: number; changes: Change[] }> {
  return stepward.call("ReplayPolicy", { role, policies });
}

interface CheckAnswer {
  findings: { level: "ERROR" | "WARNING" | "NOTE"; message: string; location?: string }[];
  states: { location: string; calls: { action: string; resource: string; verdict: "ALLOWED" | "MAYBE" | "DENIED"; because?: string }[] }[];
}

const SEVERITIES = { ERROR: "error", WARNING: "warning", NOTE: "info" } as const;

/** What a role lacks for a definition, each at the state it concerns. */
export async function checkDefinition(stepward: StepwardClient, definition: string, role: string): Promise<Finding[]> {
  const { findings, states } = await stepward.call<CheckAnswer>("CheckDefinition", { definition, role });
  const told = findings.map(({ level, message, location }): Finding => ({ severity: SEVERITIES[level], message, ...(location && { pointer: location }) }));
  const lacking = states.flatMap(({ location, calls }) =>
    calls.filter(({ verdict }) => verdict === "DENIED").map(({ action, resource, because }): Finding => ({
      severity: "warning", pointer: location, message: texts.definition.lacking(action, resource, because),
    })));
  // A denied call is often a finding, too: said once.
  const places = new Set(told.map(({ pointer }) => pointer));
  return [...told, ...lacking.filter(({ pointer }) => !places.has(pointer))];
}

export interface Denial {
  eventId: number;
  stateName: string;
  principal?: string;
  action: string;
  resource: string;
  cause?: string;
  decisionId?: string;
  explanation?: string;
  fix?: string;
}

export async function explainExecution(stepward: StepwardClient, executionArn: string): Promise<Denial[]> {
  return (await stepward.call<{ denials: Denial[] }>("ExplainExecution", { executionArn })).denials;
}

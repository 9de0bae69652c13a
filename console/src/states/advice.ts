// What Stepward advises: the policy that a definition needs, what a role lacks for it, why an execution was denied.
import { DescribeStateMachineCommand } from "@aws-sdk/client-sfn";
import type { StepwardClient } from "../aws/stepward.ts";
import { texts } from "../texts.ts";
import type { Finding } from "../ui/json-editor/editor-props.ts";
import { pretty } from "../ui/json-text.ts";
import type { Clients } from "../aws/clients.ts";

/** The least that a definition needs. */
export async function generatePolicy(stepward: StepwardClient, definition: string): Promise<string> {
  const { policy } = await stepward.call<{ policy: string }>("GeneratePolicy", { definition, style: "least-privilege" });
  return pretty(policy);
}

export async function generatePolicyForMachine(sfn: Clients["sfn"], stepward: StepwardClient, stateMachineArn: string): Promise<string> {
  const machine = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  return generatePolicy(stepward, machine.definition ?? "");
}

export async function policyFromDecisions(stepward: StepwardClient, role: string): Promise<string> {
  const { policy } = await stepward.call<{ policy: string }>("PolicyFromDecisions", { role });
  return pretty(policy);
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

// What Stepward advises: the policy that a definition needs, and what a role lacks for it.
import { DescribeStateMachineCommand, type SFNClient } from "@aws-sdk/client-sfn";
import type { StepwardClient } from "../aws/stepward.ts";
import type { Finding } from "../ui/json-editor/editor-props.ts";
import { pretty } from "../ui/json-text.ts";

interface PolicyAnswer {
  policy?: string;
  policyDocument?: string;
}

/** AWS's clients do not know these calls; a server that lacks one says so, and that is shown. */
export async function generatePolicy(stepward: StepwardClient, definition: string): Promise<string> {
  const answer = await stepward.call<PolicyAnswer>("GeneratePolicy", { definition });
  return pretty(answer.policyDocument ?? answer.policy ?? "");
}

export async function generatePolicyForMachine(sfn: SFNClient, stepward: StepwardClient, stateMachineArn: string): Promise<string> {
  const machine = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  return generatePolicy(stepward, machine.definition ?? "");
}

export async function policyFromDecisions(stepward: StepwardClient, principal: string): Promise<string> {
  const answer = await stepward.call<PolicyAnswer>("PolicyFromDecisions", { principal });
  return pretty(answer.policyDocument ?? answer.policy ?? "");
}

interface CheckAnswer {
  findings?: { severity?: string; message?: string; location?: string; state?: string }[];
}

/** What a role lacks for a definition, each at the state it concerns. */
export async function checkDefinition(stepward: StepwardClient, definition: string, roleArn: string): Promise<Finding[]> {
  const { findings = [] } = await stepward.call<CheckAnswer>("CheckDefinition", { definition, roleArn });
  return findings.map(({ severity = "", message = "", location, state }) => {
    const pointer = location ?? (state ? `/States/${state}` : undefined);
    return { severity: /error/i.test(severity) ? "error" : "warning", message, ...(pointer && { pointer }) };
  });
}

// The role of a new state machine: made for it, or one that is there.
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { trustPolicy } from "../iam/trust.ts";
import type { Clients } from "../aws/clients.ts";

export interface RoleChoice {
  kind: "new" | "existing";
  /** ARN of an existing one. */
  arn: string;
  /** Name of a new one. */
  name: string;
  /** What a new one may do, generated from the definition. */
  policy: string;
}

/** Trusts Step Functions for state machines of this account and Region only. */
export function newRoleTrust(account: string, region: string): string {
  const entity = { kind: "service", service: "states.amazonaws.com", account, externalId: "", isMfaRequired: false, provider: "", audience: "", custom: "" } as const;
  const source = { arn: `arn:aws:states:${region}:${account}:stateMachine:*`, account };
  return JSON.stringify(trustPolicy(entity, source), undefined, 2);
}

/** The ARN of the chosen role, which is made first when it is new. */
export async function roleArn(iam: Clients["iam"], choice: RoleChoice, trust: string): Promise<string> {
  if (choice.kind === "existing") return choice.arn;
  const made = await iam.send(new CreateRoleCommand({ RoleName: choice.name, AssumeRolePolicyDocument: trust, Path: "/service-role/" }));
  if (hasStatements(choice.policy)) {
    await iam.send(new PutRolePolicyCommand({ RoleName: choice.name, PolicyName: "StateMachinePermissions", PolicyDocument: choice.policy }));
  }
  return made.Role?.Arn ?? "";
}

/** A machine without tasks needs no rights, and IAM refuses a policy without statements. */
function hasStatements(policy: string): boolean {
  try {
    return (JSON.parse(policy) as { Statement?: unknown[] }).Statement?.length !== 0;
  } catch {
    return false;
  }
}

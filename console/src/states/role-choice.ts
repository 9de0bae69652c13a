// The role of a new state machine: made for it, or one that is there.
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { addPolicies } from "../iam/advised-policies.ts";
import { deleteRoleWhole } from "../iam/delete-role.ts";
import { trustPolicy } from "../iam/trust.ts";
import type { Clients } from "../aws/clients.ts";

const POLICY = "StateMachinePermissions";

export interface RoleChoice {
  kind: "new" | "existing";
  /** ARN of an existing one. */
  arn: string;
  /** Name of a new one. */
  name: string;
  /** What a new one may do, generated from the definition. */
  policies: string[];
}

/** Trusts Step Functions for state machines of this account and Region only. */
export function newRoleTrust(account: string, region: string): string {
  const entity = { kind: "service", service: "states.amazonaws.com", account, externalId: "", isMfaRequired: false, provider: "", audience: "", custom: "" } as const;
  const source = { arn: `arn:aws:states:${region}:${account}:stateMachine:*`, account };
  return JSON.stringify(trustPolicy(entity, source), undefined, 2);
}

/** Makes the role whole, or takes it away again, so that nobody is left with half of it. */
export async function makeRole(iam: Clients["iam"], { name, policies }: RoleChoice, trust: string): Promise<string> {
  const made = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust, Path: "/service-role/" }));
  try {
    await addPolicies(iam, name, POLICY, policies);
  } catch (error) {
    await deleteRoleWhole(iam, name).catch(() => undefined);
    throw error;
  }
  return made.Role?.Arn ?? "";
}

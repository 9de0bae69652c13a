// Policies that Stepward advised, given to a role.
import { CreatePolicyCommand, AttachRolePolicyCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { Clients } from "../aws/clients.ts";

/** One policy is written into the role; several, which are too large for that, become managed policies of their own. */
export async function addPolicies(iam: Clients["iam"], RoleName: string, name: string, policies: string[]): Promise<void> {
  const [only, ...more] = policies;
  if (only === undefined) return;
  if (more.length === 0) {
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: name, PolicyDocument: only }));
    return;
  }
  for (const [at, document] of policies.entries()) {
    const made = await iam.send(new CreatePolicyCommand({ PolicyName: `${RoleName}-${name}-${at + 1}`.slice(-128), PolicyDocument: document }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: made.Policy?.Arn }));
  }
}

// IAM deletes only what nothing hangs on: policies are taken away first, as AWS's console does it.
import {
  DeleteRoleCommand, DeleteRolePolicyCommand, DetachRolePolicyCommand, ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand, ListRolePoliciesCommand, RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import type { Clients } from "../aws/clients.ts";

export async function deleteRoleWhole(iam: Clients["iam"], RoleName: string): Promise<void> {
  const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName, MaxItems: 1000 }));
  for (const { PolicyArn } of attached.AttachedPolicies ?? []) {
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  }
  const inline = await iam.send(new ListRolePoliciesCommand({ RoleName, MaxItems: 1000 }));
  for (const PolicyName of inline.PolicyNames ?? []) {
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  }
  const profiles = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
  for (const { InstanceProfileName } of profiles.InstanceProfiles ?? []) {
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ RoleName, InstanceProfileName }));
  }
  await iam.send(new DeleteRoleCommand({ RoleName }));
}

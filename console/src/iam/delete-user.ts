// IAM deletes a user only when nothing hangs on it.
import {
  DeleteAccessKeyCommand, DeleteUserCommand, ListAccessKeysCommand, ListGroupsForUserCommand, RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import { heldPolicies, removePolicy } from "./identities.ts";
import type { Clients } from "../aws/clients.ts";

export async function deleteUserWhole(iam: Clients["iam"], UserName: string): Promise<void> {
  const identity = { kind: "users", name: UserName } as const;
  for (const policy of await heldPolicies(iam, identity)) await removePolicy(iam, identity, policy);
  const keys = await iam.send(new ListAccessKeysCommand({ UserName }));
  for (const { AccessKeyId } of keys.AccessKeyMetadata ?? []) {
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  }
  const groups = await iam.send(new ListGroupsForUserCommand({ UserName }));
  for (const { GroupName } of groups.Groups ?? []) {
    await iam.send(new RemoveUserFromGroupCommand({ UserName, GroupName }));
  }
  await iam.send(new DeleteUserCommand({ UserName }));
}

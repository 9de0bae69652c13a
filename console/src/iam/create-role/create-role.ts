// The calls behind Create role. When one of the later ones is refused, the role is there and is named in the error.
import { AttachRolePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { RoleDraft } from "./role-draft.ts";
import type { Clients } from "../../aws/clients.ts";

export async function createRole(iam: Clients["iam"], draft: RoleDraft): Promise<string> {
  const RoleName = draft.name;
  const created = await iam.send(
    new CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: draft.trust,
      ...(draft.description && { Description: draft.description }),
      Tags: draft.tags.map(({ key, value }) => ({ Key: key, Value: value })),
    }),
  );
  for (const { Arn } of draft.policies) {
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Arn }));
  }
  if (draft.generated) {
    const { name, document } = draft.generated;
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: name, PolicyDocument: document }));
  }
  return created.Role?.Arn ?? "";
}

// The calls behind Create role. When one of the later ones is refused, the role is there and is named in the error.
import { AttachRolePolicyCommand, CreateRoleCommand, type IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { RoleDraft } from "./role-draft.ts";

export async function createRole(iam: IAMClient, draft: RoleDraft): Promise<string> {
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

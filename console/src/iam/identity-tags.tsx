import {
  type Tag, TagPolicyCommand, TagRoleCommand, TagUserCommand, UntagPolicyCommand, UntagRoleCommand, UntagUserCommand,
} from "@aws-sdk/client-iam";
import type { Clients } from "../aws/clients.ts";
import { useClients } from "../session/session.ts";
import { nameOf } from "../ui/arn.tsx";
import { TagsContainer } from "../ui/tags-container.tsx";
import { existing, type tagChanges } from "../ui/tags-form.tsx";

type Kind = "roles" | "users" | "policies";

interface Props {
  kind: Kind;
  /** Name of a role or user, ARN of a policy. */
  name: string;
  tags: Tag[];
  onChanged: () => void;
}

export function IdentityTags({ kind, name, tags, onChanged }: Props) {
  const { iam } = useClients();
  const save = async ({ written, removed }: ReturnType<typeof tagChanges>) => {
    if (removed.length > 0) await untag(iam, kind, name, removed);
    if (written.length > 0) await tag(iam, kind, name, written);
    onChanged();
  };
  return <TagsContainer key={JSON.stringify(tags)} name={nameOf(name)} before={existing(tags)} onSave={save} />;
}

async function tag(iam: Clients["iam"], kind: Kind, name: string, Tags: Tag[]): Promise<void> {
  const typed = Tags as { Key: string; Value: string }[];
  if (kind === "roles") await iam.send(new TagRoleCommand({ RoleName: name, Tags: typed }));
  else if (kind === "users") await iam.send(new TagUserCommand({ UserName: name, Tags: typed }));
  else await iam.send(new TagPolicyCommand({ PolicyArn: name, Tags: typed }));
}

async function untag(iam: Clients["iam"], kind: Kind, name: string, TagKeys: string[]): Promise<void> {
  if (kind === "roles") await iam.send(new UntagRoleCommand({ RoleName: name, TagKeys }));
  else if (kind === "users") await iam.send(new UntagUserCommand({ UserName: name, TagKeys }));
  else await iam.send(new UntagPolicyCommand({ PolicyArn: name, TagKeys }));
}

import {
  type Tag, TagPolicyCommand, TagRoleCommand, TagUserCommand, UntagPolicyCommand, UntagRoleCommand, UntagUserCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Clients } from "../aws/clients.ts";
import { useAction } from "../aws/use-action.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { useNotify } from "../ui/notices.tsx";
import { existing, tagChanges, TagsForm } from "../ui/tags-form.tsx";

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
  const notify = useNotify();
  const before = existing(tags);
  const [draft, setDraft] = useState<ReturnType<typeof existing>>(before);
  const [isValid, setValid] = useState(true);
  const action = useAction();
  const save = () => void action.run(async () => {
    const { written, removed } = tagChanges(before, draft);
    if (removed.length > 0) await untag(iam, kind, name, removed);
    if (written.length > 0) await tag(iam, kind, name, written);
    notify(texts.done.saved(texts.tags.title, name));
    onChanged();
  });
  return (
    <Container header={<Header variant="h2" actions={<Button disabled={!isValid} loading={action.isRunning} onClick={save}>{texts.tags.save}</Button>}>{texts.tags.title}</Header>}>
      <SpaceBetween size="m">
        <Failure error={action.error} />
        <TagsForm tags={draft} onChange={(changed, valid) => { setDraft([...changed]); setValid(valid); }} />
      </SpaceBetween>
    </Container>
  );
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

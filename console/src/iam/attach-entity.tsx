import { ListGroupsCommand, ListRolesCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import FormField from "@cloudscape-design/components/form-field";
import Multiselect, { type MultiselectProps } from "@cloudscape-design/components/multiselect";
import { useState } from "react";
import type { Clients } from "../aws/clients.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { nameOf } from "../ui/arn.tsx";
import { Failure } from "../ui/failure.tsx";
import { AttachDialog } from "./attach-dialog.tsx";
import type { IdentityKind } from "./identities.ts";

interface Props {
  arn: string;
  onDone: () => void;
  onClose: () => void;
}

const words = texts.policy;

/** Attaches a policy to roles, users and groups. */
export function AttachEntity({ arn, onDone, onClose }: Props) {
  const { iam } = useClients();
  const [chosen, setChosen] = useState<readonly MultiselectProps.Option[]>([]);
  const all = useResource(() => everybody(iam), [iam]);
  const attachments = chosen.map(({ value = "" }) => {
    const [kind = "", ...name] = value.split("/");
    return { identity: { kind: kind as IdentityKind, name: name.join("/") }, policyArn: arn, name: name.join("/") };
  });
  return (
    <AttachDialog header={words.attachHeader(nameOf(arn))} chosen={attachments} onDone={onDone} onClose={onClose}>
      <Failure error={all.error} onRetry={all.reload} />
      <FormField label={words.entities}>
        <Multiselect filteringType="auto" selectedOptions={chosen} options={all.value ?? []} statusType={all.isLoading ? "loading" : "finished"} placeholder={words.chooseEntities} onChange={({ detail }) => setChosen(detail.selectedOptions)} />
      </FormField>
    </AttachDialog>
  );
}

async function everybody(iam: Clients["iam"]): Promise<MultiselectProps.OptionGroup[]> {
  const [roles, users, groups] = await Promise.all([
    iam.send(new ListRolesCommand({ MaxItems: 1000 })), iam.send(new ListUsersCommand({ MaxItems: 1000 })), iam.send(new ListGroupsCommand({ MaxItems: 1000 })),
  ]);
  const options = (kind: IdentityKind, names: (string | undefined)[]) =>
    ({ label: texts.navigation[kind], options: names.map((name = "") => ({ value: `${kind}/${name}`, label: name })) });
  return [
    options("roles", (roles.Roles ?? []).map(({ RoleName }) => RoleName)),
    options("users", (users.Users ?? []).map(({ UserName }) => UserName)),
    options("groups", (groups.Groups ?? []).map(({ GroupName }) => GroupName)),
  ];
}

import { ListGroupsCommand, ListRolesCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Modal from "@cloudscape-design/components/modal";
import Multiselect, { type MultiselectProps } from "@cloudscape-design/components/multiselect";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { attachPolicy, type IdentityKind } from "./identities.ts";

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
  const action = useAction();
  const all = useResource(async () => {
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
  }, [iam]);
  const attach = () => void action.run(async () => {
    for (const { value = "" } of chosen) {
      const [kind = "", ...name] = value.split("/");
      await attachPolicy(iam, { kind: kind as IdentityKind, name: name.join("/") }, arn);
    }
    onDone();
    onClose();
  });
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onClose}>{texts.action.cancel}</Button>
        <Button variant="primary" disabled={chosen.length === 0} loading={action.isRunning} onClick={attach}>{words.attach}</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible onDismiss={onClose} header={words.attach} footer={footer}>
      <SpaceBetween size="m">
        <Failure error={all.error ?? action.error} />
        <FormField label={words.entities}>
          <Multiselect filteringType="auto" selectedOptions={chosen} options={all.value ?? []} statusType={all.isLoading ? "loading" : "finished"} placeholder={words.chooseEntities} onChange={({ detail }) => setChosen(detail.selectedOptions)} />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}

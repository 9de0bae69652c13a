import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { switchRole, useSession } from "./session.ts";

interface Props {
  onClose: () => void;
}

export function SwitchRole({ onClose }: Props) {
  const { session, switchTo } = useSession();
  const [role, setRole] = useState("");
  const [externalId, setExternalId] = useState("");
  const [problem, setProblem] = useState<string>();
  const action = useAction();
  const words = texts.switchRole;
  const submit = () => {
    const roleArn = roleArnOf(role.trim(), session.account);
    setProblem(roleArn ? undefined : words.roleMissing);
    if (!roleArn) return;
    void action.run(async () => {
      switchTo(await switchRole(session.base ?? session, { roleArn, externalId: externalId.trim() }));
      onClose();
    });
  };
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onClose}>{texts.action.cancel}</Button>
        <Button variant="primary" loading={action.isRunning} onClick={submit}>{words.button}</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible onDismiss={onClose} header={words.header} footer={footer}>
      <SpaceBetween size="m">
        <Box variant="p">{words.description}</Box>
        <Failure error={action.error} />
        <FormField label={words.role} description={words.roleDescription} errorText={problem}>
          <Input value={role} onChange={({ detail }) => setRole(detail.value)} spellcheck={false} />
        </FormField>
        <FormField label={words.externalId} description={texts.optional}>
          <Input value={externalId} onChange={({ detail }) => setExternalId(detail.value)} spellcheck={false} />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}

/** A role's ARN from itself or from a name in this account. */
export function roleArnOf(given: string, account: string): string | undefined {
  if (/^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/.test(given)) return given;
  return /^[\w+=,.@/-]+$/.test(given) ? `arn:aws:iam::${account}:role/${given}` : undefined;
}

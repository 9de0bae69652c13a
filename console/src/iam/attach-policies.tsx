import type { Policy } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { useNotify } from "../ui/notices.tsx";
import { attachPolicy, type Identity } from "./identities.ts";
import { PolicyPicker } from "./policy-picker.tsx";

interface Props {
  identity: Identity;
  onDone: () => void;
  onClose: () => void;
}

const words = texts.permissions;

export function AttachPolicies({ identity, onDone, onClose }: Props) {
  const { iam } = useClients();
  const notify = useNotify();
  const [chosen, setChosen] = useState<Policy[]>([]);
  const action = useAction();
  const attach = () => void action.run(async () => {
    for (const { Arn = "" } of chosen) await attachPolicy(iam, identity, Arn);
    notify(texts.done.attached(chosen.map(({ PolicyName }) => PolicyName).join(", ")));
    onDone();
    onClose();
  });
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onClose}>{texts.action.cancel}</Button>
        <Button variant="primary" disabled={chosen.length === 0} loading={action.isRunning} onClick={attach}>{words.attachButton}</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible size="large" onDismiss={onClose} header={words.attachHeader(identity.name)} footer={footer}>
      <SpaceBetween size="m">
        <Failure error={action.error} />
        <PolicyPicker title={texts.policies.title} selected={chosen} onSelect={setChosen} />
      </SpaceBetween>
    </Modal>
  );
}

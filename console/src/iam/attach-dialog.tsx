import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { ReactNode } from "react";
import { useAction } from "../aws/use-action.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { useNotify } from "../ui/notices.tsx";
import { attachPolicy, type Identity } from "./identities.ts";

/** One policy and who is to hold it. */
export interface Attachment {
  identity: Identity;
  policyArn: string;
  /** What is said to be attached: the policy or its holder, whichever was chosen here. */
  name: string;
}

interface Props {
  header: string;
  chosen: Attachment[];
  onDone: () => void;
  onClose: () => void;
  /** Where they are chosen. */
  children: ReactNode;
}

/** Attaches policies to roles, users and groups: chosen from either side. */
export function AttachDialog({ header, chosen, onDone, onClose, children }: Props) {
  const { iam } = useClients();
  const notify = useNotify();
  const action = useAction();
  const attach = () => void action.run(async () => {
    // What was attached before a refusal stays; the list shows it.
    try {
      for (const { identity, policyArn } of chosen) await attachPolicy(iam, identity, policyArn);
    } finally {
      onDone();
    }
    notify(texts.done.attached(chosen.map(({ name }) => name).join(", ")));
    onClose();
  });
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onClose}>{texts.action.cancel}</Button>
        <Button variant="primary" disabled={chosen.length === 0} loading={action.isRunning} onClick={attach}>{texts.permissions.attachButton}</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible size="large" onDismiss={onClose} header={header} footer={footer}>
      <SpaceBetween size="m">
        <Failure error={action.error} />
        {children}
      </SpaceBetween>
    </Modal>
  );
}

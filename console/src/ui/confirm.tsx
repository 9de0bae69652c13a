import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { texts } from "../texts.ts";
import { Failure } from "./failure.tsx";

interface Props {
  header: string;
  text: string;
  button: string;
  /** What must be typed before the button works: for what cannot be undone. */
  typed?: string;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

export function Confirm({ header, text, button, typed, onConfirm, onClose }: Props) {
  const [given, setGiven] = useState("");
  const action = useAction();
  const confirm = () => void action.run(async () => {
    await onConfirm();
    onClose();
  });
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onClose}>{texts.action.cancel}</Button>
        <Button variant="primary" loading={action.isRunning} disabled={typed !== undefined && given !== typed} onClick={confirm}>
          {button}
        </Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible onDismiss={onClose} header={header} footer={footer}>
      <SpaceBetween size="m">
        <Failure error={action.error} />
        <Alert type="warning">{text}</Alert>
        {typed !== undefined && (
          <FormField label={texts.confirm.type(typed)}>
            <Input value={given} placeholder={typed} onChange={({ detail }) => setGiven(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}

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
  label: string;
  problem: (name: string) => string | undefined;
  button: string;
  onSubmit: (name: string) => Promise<void>;
  onClose: () => void;
}

/** Makes something that needs nothing but a name. */
export function NameDialog({ header, label, problem, button, onSubmit, onClose }: Props) {
  const [name, setName] = useState("");
  const [isChecked, setChecked] = useState(false);
  const action = useAction();
  const submit = () => {
    setChecked(true);
    if (problem(name)) return;
    void action.run(async () => {
      await onSubmit(name);
      onClose();
    });
  };
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onClose}>{texts.action.cancel}</Button>
        <Button variant="primary" loading={action.isRunning} onClick={submit}>{button}</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible onDismiss={onClose} header={header} footer={footer}>
      <form onSubmit={(event) => { event.preventDefault(); submit(); }}>
        <SpaceBetween size="m">
          <Failure error={action.error} />
          <FormField label={label} errorText={isChecked ? problem(name) : undefined}>
            <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value.trim())} />
          </FormField>
        </SpaceBetween>
      </form>
    </Modal>
  );
}

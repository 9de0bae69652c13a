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

export interface Grant {
  sid: string;
  principal: string;
  action: string;
  sourceArn: string;
}

interface Props {
  onAdd: (grant: Grant) => Promise<void>;
  onClose: () => void;
}

const words = texts.functions;

export function AddPermission({ onAdd, onClose }: Props) {
  const [grant, setGrant] = useState<Grant>({ sid: "", principal: "", action: "lambda:InvokeFunction", sourceArn: "" });
  const [isChecked, setChecked] = useState(false);
  const action = useAction();
  const sidProblem = /^[\w-]{1,100}$/.test(grant.sid) ? undefined : words.sidWrong;
  const principalProblem = grant.principal ? undefined : words.principalMissing;
  const actionProblem = /^(lambda:(\w+|\*)|\*)$/.test(grant.action) ? undefined : words.actionWrong;
  const sourceProblem = !grant.sourceArn || /^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/.test(grant.sourceArn) ? undefined : texts.policyEditor.arnWrong;
  const add = () => {
    setChecked(true);
    if (sidProblem || principalProblem || actionProblem || sourceProblem) return;
    void action.run(async () => {
      await onAdd(grant);
      onClose();
    });
  };
  const field = (name: keyof Grant, label: string, problem?: string, description?: string) => (
    <FormField label={label} description={description} errorText={isChecked ? problem : undefined}>
      <Input value={grant[name]} spellcheck={false} onChange={({ detail }) => setGrant({ ...grant, [name]: detail.value.trim() })} />
    </FormField>
  );
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onClose}>{texts.action.cancel}</Button>
        <Button variant="primary" loading={action.isRunning} onClick={add}>{words.addPermission}</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible onDismiss={onClose} header={words.addPermission} footer={footer}>
      <SpaceBetween size="m">
        <Failure error={action.error} />
        {field("sid", words.sid, sidProblem)}
        {field("principal", words.principal, principalProblem, words.principalDescription)}
        {field("action", words.action, actionProblem)}
        {field("sourceArn", words.sourceArn, sourceProblem, texts.optional)}
      </SpaceBetween>
    </Modal>
  );
}

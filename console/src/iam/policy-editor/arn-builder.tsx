import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useSession } from "../../session/session.ts";
import { texts } from "../../texts.ts";
import { fill, variables } from "./arn-pattern.ts";

interface Props {
  /** Resource type; empty for an ARN that is typed whole. */
  type: string;
  pattern: string | undefined;
  onAdd: (arn: string) => void;
  onClose: () => void;
}

const words = texts.policyEditor;

export function ArnBuilder({ type, pattern, onAdd, onClose }: Props) {
  const { session } = useSession();
  const [values, setValues] = useState<Record<string, string>>({ Region: session.region, Account: session.account });
  const [typed, setTyped] = useState("");
  const [isChecked, setChecked] = useState(false);
  const arn = pattern ? fill(pattern, values) : typed.trim();
  const problem = /^(arn:[^:]+:[^:]*:[^:]*:[^:]*:.+|\*)$/.test(arn) ? undefined : words.arnWrong;
  const add = () => (problem ? setChecked(true) : onAdd(arn));
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onClose}>{texts.action.cancel}</Button>
        <Button variant="primary" onClick={add}>{words.addArnButton}</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible onDismiss={onClose} header={type ? words.addArn(type) : words.addAnyArn} footer={footer}>
      <SpaceBetween size="m">
        {pattern
          ? variables(pattern).map((name) => (
              <FormField key={name} label={name} constraintText={words.emptyIsAny}>
                <Input value={values[name] ?? ""} placeholder="*" spellcheck={false} onChange={({ detail }) => setValues({ ...values, [name]: detail.value })} />
              </FormField>
            ))
          : null}
        {pattern ? (
          <FormField label="ARN" errorText={isChecked ? problem : undefined}><Box variant="code">{arn}</Box></FormField>
        ) : (
          <FormField label="ARN" errorText={isChecked ? problem : undefined}>
            <Input value={typed} placeholder="arn:aws:lambda:us-east-1:111122223333:function:Greet" spellcheck={false} onChange={({ detail }) => setTyped(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}

import { StartExecutionCommand, type StateMachineType, StartSyncExecutionCommand } from "@aws-sdk/client-sfn";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { href, navigate } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { JsonEditor } from "../ui/json-editor/json-editor.tsx";
import { parseJson } from "../ui/json-text.ts";
import { useNotify } from "../ui/notices.tsx";
import { SyncResult, type SyncOutcome } from "./sync-result.tsx";

interface Props {
  /** Of a state machine, a version or an alias. */
  arn: string;
  type: StateMachineType | undefined;
  input?: string | undefined;
  onClose: () => void;
}

const words = texts.start;

export function StartExecution({ arn, type, input = "{}", onClose }: Props) {
  const { sfn } = useClients();
  const notify = useNotify();
  const [name, setName] = useState("");
  const [text, setText] = useState(input);
  const [outcome, setOutcome] = useState<SyncOutcome>();
  const action = useAction();
  const { finding } = parseJson(text);
  const nameProblem = name && !/^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]{1,80}$/.test(name) ? words.nameWrong : undefined;
  const isExpress = type === "EXPRESS";
  const start = () => void action.run(async () => {
    const asked = { stateMachineArn: arn, input: text, ...(name && { name }) };
    if (isExpress) return setOutcome(await sfn.send(new StartSyncExecutionCommand(asked)));
    const started = await sfn.send(new StartExecutionCommand(asked));
    notify(words.started);
    navigate(href(["states", "executions", started.executionArn ?? ""]));
  });
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onClose}>{outcome ? texts.action.close : texts.action.cancel}</Button>
        <Button variant="primary" disabled={finding !== undefined || nameProblem !== undefined} loading={action.isRunning} onClick={start}>{words.button}</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible size="large" onDismiss={onClose} header={words.header} footer={footer}>
      <SpaceBetween size="m">
        <FormField label={words.name} description={texts.optional} errorText={nameProblem}>
          <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value.trim())} />
        </FormField>
        <FormField label={words.input} description={words.inputDescription} errorText={finding && words.noJson(finding.message)} stretch>
          <JsonEditor label={words.input} value={text} findings={finding ? [finding] : []} onChange={setText} />
        </FormField>
        <Failure error={action.error} />
        {outcome && <SyncResult outcome={outcome} />}
      </SpaceBetween>
    </Modal>
  );
}

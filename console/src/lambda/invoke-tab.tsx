import { InvokeCommand, type InvokeCommandOutput, LogType } from "@aws-sdk/client-lambda";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";
import { Failure } from "../ui/failure.tsx";
import { JsonEditor } from "../ui/json-editor/json-editor.tsx";
import { parseJson } from "../ui/json-text.ts";

const words = texts.functions;

export function InvokeTab({ name }: { name: string }) {
  const { lambda } = useClients();
  const [payload, setPayload] = useState('{ "name": "world" }');
  const [answer, setAnswer] = useState<InvokeCommandOutput>();
  const action = useAction();
  const { finding } = parseJson(payload);
  const invoke = () => void action.run(async () => {
    setAnswer(undefined);
    setAnswer(await lambda.send(new InvokeCommand({ FunctionName: name, Payload: new TextEncoder().encode(payload), LogType: LogType.Tail })));
  });
  return (
    <Container header={<Header variant="h2" actions={<Button variant="primary" disabled={finding !== undefined} loading={action.isRunning} onClick={invoke}>{words.invokeButton}</Button>}>{words.invoke}</Header>}>
      <SpaceBetween size="m">
        <FormField label={words.event} errorText={finding && texts.start.noJson(finding.message)} stretch>
          <JsonEditor label={words.event} value={payload} findings={finding ? [finding] : []} onChange={setPayload} minHeight={120} />
        </FormField>
        <Failure error={action.error} />
        {answer && <Answer answer={answer} />}
      </SpaceBetween>
    </Container>
  );
}

function Answer({ answer }: { answer: InvokeCommandOutput }) {
  const log = answer.LogResult ? new TextDecoder().decode(Uint8Array.from(atob(answer.LogResult), (letter) => letter.charCodeAt(0))) : "";
  return (
    <div role="status">
      <SpaceBetween size="s">
        <StatusIndicator type={answer.FunctionError ? "error" : "success"}>{answer.FunctionError ? words.failed(answer.FunctionError) : words.succeeded}</StatusIndicator>
        <Code label={words.answer} text={answer.Payload ? new TextDecoder().decode(answer.Payload) : ""} />
        {log && <pre className="code" tabIndex={0} role="region" aria-label={words.log}>{log}</pre>}
      </SpaceBetween>
    </div>
  );
}

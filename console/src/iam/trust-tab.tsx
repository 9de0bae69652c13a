import { type Role, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";
import { Failure } from "../ui/failure.tsx";
import { JsonEditor } from "../ui/json-editor/json-editor.tsx";
import { useNotify } from "../ui/notices.tsx";
import { FindingList } from "./finding-list.tsx";
import { decodeDocument } from "./trust.ts";
import { trustFindings } from "./trust-findings.ts";

interface Props {
  role: Role;
  onChanged: () => void;
}

const words = texts.role;

/** Who may assume the role: read, or edited with findings as one types. */
export function TrustTab({ role, onChanged }: Props) {
  const before = decodeDocument(role.AssumeRolePolicyDocument);
  const [draft, setDraft] = useState<string>();
  const header = (
    <Header variant="h2" description={words.trustDescription} actions={draft === undefined && <Button onClick={() => setDraft(before)}>{words.editTrust}</Button>}>
      {words.trustPolicy}
    </Header>
  );
  return (
    <Container header={header}>
      {draft === undefined
        ? <Code label={words.trustPolicy} text={before} />
        : <Editor name={role.RoleName ?? ""} draft={draft} onChange={setDraft} onChanged={onChanged} />}
    </Container>
  );
}

interface EditorProps {
  name: string;
  draft: string;
  onChange: (draft: string | undefined) => void;
  onChanged: () => void;
}

function Editor({ name, draft, onChange, onChanged }: EditorProps) {
  const { iam } = useClients();
  const notify = useNotify();
  const action = useAction();
  const findings = trustFindings(draft);
  const hasErrors = findings.some(({ severity }) => severity === "error");
  const save = () => void action.run(async () => {
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: draft }));
    notify(texts.done.saved(words.trustPolicy, name));
    onChange(undefined);
    onChanged();
  });
  return (
    <SpaceBetween size="s">
      <JsonEditor label={words.trustPolicy} value={draft} findings={findings} onChange={onChange} />
      <FindingList findings={findings} />
      <Failure error={action.error} />
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="primary" disabled={hasErrors} loading={action.isRunning} onClick={save}>{words.updateTrust}</Button>
        <Button variant="link" onClick={() => onChange(undefined)}>{texts.action.cancel}</Button>
      </SpaceBetween>
    </SpaceBetween>
  );
}

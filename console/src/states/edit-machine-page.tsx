import { DescribeStateMachineCommand, type DescribeStateMachineOutput, UpdateStateMachineCommand } from "@aws-sdk/client-sfn";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { href, navigate, type Parameters } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { nameOf } from "../ui/arn.tsx";
import { Failure } from "../ui/failure.tsx";
import { pretty } from "../ui/json-text.ts";
import { Loaded } from "../ui/loading.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { DefinitionEditor } from "./definition/definition-editor.tsx";
import { useDiagnostics } from "./definition/use-diagnostics.ts";
import { TestStatePanel } from "./test-state/test-state-panel.tsx";
import { ExistingRole } from "./role-form.tsx";

const words = texts.editMachine;

export default function EditMachinePage({ parameters }: { parameters: Parameters }) {
  const { sfn } = useClients();
  const arn = parameters["arn"] ?? "";
  const machine = useResource(() => sfn.send(new DescribeStateMachineCommand({ stateMachineArn: arn })), [sfn, arn]);
  return (
    <Page title={words.title(nameOf(arn))} crumbs={[{ text: texts.machines.title, href: "#/states/machines" }, { text: nameOf(arn), href: href(["states", "machines", arn]) }]}>
      <Loaded resource={machine}>{(value) => <Form machine={value} />}</Loaded>
    </Page>
  );
}

function Form({ machine }: { machine: DescribeStateMachineOutput }) {
  const { sfn } = useClients();
  const notify = useNotify();
  const [definition, setDefinition] = useState(() => pretty(machine.definition));
  const [role, setRole] = useState(machine.roleArn ?? "");
  const [publish, setPublish] = useState(false);
  const [state, setState] = useState<string>();
  const action = useAction();
  const findings = useDiagnostics(definition, machine.type ?? "STANDARD", role);
  const back = href(["states", "machines", machine.stateMachineArn ?? ""]);
  const save = () => void action.run(async () => {
    await sfn.send(new UpdateStateMachineCommand({ stateMachineArn: machine.stateMachineArn, definition, roleArn: role, publish }));
    notify(texts.done.saved(texts.machines.one, machine.name ?? ""));
    navigate(back);
  });
  return (
    <SpaceBetween size="l">
      <DefinitionEditor definition={definition} findings={findings} onChange={setDefinition} selected={state} onSelect={setState} />
      <Container header={<Header variant="h2">{texts.roleForm.title}</Header>}>
        <ExistingRole arn={role} onChange={setRole} problem={role ? undefined : texts.createMachine.roleWrong} />
      </Container>
      <TestStatePanel definition={definition} roleArn={role} stateName={state} />
      <Checkbox checked={publish} onChange={({ detail }) => setPublish(detail.checked)}>{words.publish}</Checkbox>
      <Failure error={action.error} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" href={back}>{texts.action.cancel}</Button>
          <Button variant="primary" disabled={!role} loading={action.isRunning} onClick={save}>{texts.action.save}</Button>
        </SpaceBetween>
      </Box>
    </SpaceBetween>
  );
}

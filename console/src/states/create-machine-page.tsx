import { CreateStateMachineCommand } from "@aws-sdk/client-sfn";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { roleNameProblem } from "../iam/names.ts";
import { href, navigate } from "../router.ts";
import { useClients, useSession } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { DefinitionEditor } from "./definition/definition-editor.tsx";
import { NEW_DEFINITION } from "./definition/language.ts";
import { useDiagnostics } from "./definition/use-diagnostics.ts";
import { TestStatePanel } from "./test-state/test-state-panel.tsx";
import { makeRole, newRoleTrust, type RoleChoice } from "./role-choice.ts";
import { RoleForm } from "./role-form.tsx";

const words = texts.createMachine;
type MachineType = "STANDARD" | "EXPRESS";

export default function CreateMachinePage() {
  const { iam, sfn } = useClients();
  const { account, region } = useSession().session;
  const notify = useNotify();
  const [name, setName] = useState("");
  const [type, setType] = useState<MachineType>("STANDARD");
  const [definition, setDefinition] = useState(NEW_DEFINITION);
  const [role, setRole] = useState<RoleChoice>({ kind: "new", arn: "", name: "", policies: [] });
  const [isChecked, setChecked] = useState(false);
  const [state, setState] = useState<string>();
  const action = useAction();
  const findings = useDiagnostics(definition, type, role.kind === "existing" ? role.arn : "");
  const chosen = role.kind === "new" && !role.name && name ? { ...role, name: `StepFunctions-${name}-role`.slice(0, 64) } : role;
  const nameProblem = /^[\w-]{1,80}$/.test(name) ? undefined : words.nameWrong;
  const roleProblem = chosen.kind === "new" ? roleNameProblem(chosen.name) : /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/.test(chosen.arn) ? undefined : words.roleWrong;
  const create = () => {
    setChecked(true);
    if (nameProblem || roleProblem) return;
    void action.run(async () => {
      const arn = chosen.kind === "new" ? await makeRole(iam, chosen, newRoleTrust(account, region)) : chosen.arn;
      // From here on the role is there: a second attempt uses it.
      if (chosen.kind === "new") setRole({ ...chosen, kind: "existing", arn });
      const made = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn: arn, type }));
      notify(texts.done.created(texts.machines.one, name));
      navigate(href(["states", "machines", made.stateMachineArn ?? ""]));
    });
  };
  return (
    <Page title={texts.machines.create} crumbs={[{ text: texts.navigation.stepFunctions, href: "#/states/machines" }, { text: texts.machines.title, href: "#/states/machines" }]}>
      <Container header={<Header variant="h2">{words.details}</Header>}>
        <SpaceBetween size="m">
          <FormField label={texts.machines.nameLabel} constraintText={words.nameConstraint} errorText={isChecked ? nameProblem : undefined}>
            <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value.trim())} />
          </FormField>
          <FormField label={texts.machines.type} description={words.typeDescription}>
            <SegmentedControl selectedId={type} label={texts.machines.type} options={[{ id: "STANDARD", text: "Standard" }, { id: "EXPRESS", text: "Express" }]} onChange={({ detail }) => setType(detail.selectedId as MachineType)} />
          </FormField>
        </SpaceBetween>
      </Container>
      <DefinitionEditor definition={definition} findings={findings} onChange={setDefinition} selected={state} onSelect={setState} />
      <RoleForm choice={chosen} subject={{ definition, type }} onChange={setRole} problem={isChecked ? roleProblem : undefined} />
      <TestStatePanel definition={definition} roleArn={role.kind === "existing" ? role.arn : ""} stateName={state} />
      <Failure error={action.error} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" href="#/states/machines">{texts.action.cancel}</Button>
          <Button variant="primary" loading={action.isRunning} onClick={create}>{texts.machines.create}</Button>
        </SpaceBetween>
      </Box>
    </Page>
  );
}

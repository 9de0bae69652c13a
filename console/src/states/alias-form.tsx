import { CreateStateMachineAliasCommand, type DescribeStateMachineAliasOutput, ListStateMachineVersionsCommand, UpdateStateMachineAliasCommand } from "@aws-sdk/client-sfn";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Modal from "@cloudscape-design/components/modal";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";

interface Props {
  /** Of the state machine. */
  arn: string;
  /** One that is there and gets other versions; none for a new one. */
  alias?: DescribeStateMachineAliasOutput | undefined;
  onDone: () => void;
  onClose: () => void;
}

const words = texts.aliases;
const NONE = { value: "", label: texts.none };

/** An alias points at one version, or splits between two. */
export function AliasForm({ arn, alias, onDone, onClose }: Props) {
  const { sfn } = useClients();
  const [one, two] = alias?.routingConfiguration ?? [];
  const [name, setName] = useState(alias?.name ?? "");
  const [first, setFirst] = useState(one?.stateMachineVersionArn ?? "");
  const [second, setSecond] = useState(two?.stateMachineVersionArn ?? "");
  const [weight, setWeight] = useState(String(one?.weight ?? 100));
  const [isChecked, setChecked] = useState(false);
  const action = useAction();
  const versions = useResource(async () => (await sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn: arn, maxResults: 1000 }))).stateMachineVersions ?? [], [sfn, arn]);
  const options = (versions.value ?? []).map(({ stateMachineVersionArn = "" }) => ({ value: stateMachineVersionArn, label: stateMachineVersionArn.split(":").pop() ?? "" }));
  const nameProblem = /^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]{1,80}$/.test(name) ? undefined : words.nameWrong;
  const share = second ? Number(weight || NaN) : 100;
  const weightProblem = Number.isInteger(share) && share >= 0 && share <= 100 ? undefined : words.weightWrong;
  const secondProblem = second && second === first ? words.sameVersion : undefined;
  const save = () => {
    setChecked(true);
    if (nameProblem || weightProblem || secondProblem || !first) return;
    void action.run(async () => {
      const routes = [{ stateMachineVersionArn: first, weight: share }, ...(second ? [{ stateMachineVersionArn: second, weight: 100 - share }] : [])];
      if (alias) await sfn.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn: alias.stateMachineAliasArn, routingConfiguration: routes }));
      else await sfn.send(new CreateStateMachineAliasCommand({ name, routingConfiguration: routes }));
      onDone();
      onClose();
    });
  };
  const version = (label: string, value: string, set: (arn: string) => void, problem?: string, more: { value: string; label: string }[] = []) => (
    <FormField label={label} errorText={problem}>
      <Select selectedOption={options.find((option) => option.value === value) ?? null} options={[...more, ...options]} empty={texts.versions.empty} onChange={({ detail }) => set(detail.selectedOption.value ?? "")} />
    </FormField>
  );
  const footer = (
    <Box float="right">
      <SpaceBetween direction="horizontal" size="xs">
        <Button variant="link" onClick={onClose}>{texts.action.cancel}</Button>
        <Button variant="primary" loading={action.isRunning} onClick={save}>{alias ? texts.action.save : words.create}</Button>
      </SpaceBetween>
    </Box>
  );
  return (
    <Modal visible onDismiss={onClose} header={alias ? words.edit(name) : words.create} footer={footer}>
      <SpaceBetween size="m">
        <Failure error={action.error} />
        <FormField label={words.name} errorText={isChecked ? nameProblem : undefined}><Input value={name} disabled={alias !== undefined} spellcheck={false} onChange={({ detail }) => setName(detail.value.trim())} /></FormField>
        {version(words.version, first, setFirst, isChecked && !first ? words.versionMissing : undefined)}
        {version(words.second, second, setSecond, secondProblem, [NONE])}
        {second && <FormField label={words.weight} errorText={weightProblem}><Input value={weight} inputMode="numeric" onChange={({ detail }) => setWeight(detail.value)} /></FormField>}
      </SpaceBetween>
    </Modal>
  );
}

import { ListStateMachinesCommand } from "@aws-sdk/client-sfn";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";

interface Props {
  label: string;
  value: string;
  onChange: (arn: string) => void;
  isOptional?: boolean;
}

export function MachineSelect({ label, value, onChange, isOptional = false }: Props) {
  const { sfn } = useClients();
  const machines = useResource(async () => (await sfn.send(new ListStateMachinesCommand({ maxResults: 1000 }))).stateMachines ?? [], [sfn]);
  const none = { value: "", label: texts.none };
  const options = (machines.value ?? []).map(({ stateMachineArn = "", name = "" }) => ({ value: stateMachineArn, label: name }));
  return (
    <FormField label={label}>
      <Select
        filteringType="auto"
        placeholder={texts.machines.choose}
        selectedOption={options.find((option) => option.value === value) ?? null}
        options={isOptional ? [none, ...options] : options}
        empty={texts.machines.empty}
        statusType={machines.isLoading ? "loading" : machines.error === undefined ? "finished" : "error"}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}

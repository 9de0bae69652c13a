import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useMemo } from "react";
import { servicePrefixes } from "../../aws/reference.ts";
import { useResource } from "../../aws/use-resource.ts";
import { texts } from "../../texts.ts";
import { prefixName } from "../services.ts";

interface Props {
  service: string;
  onChange: (service: string) => void;
}

const words = texts.policyEditor;

export function ServiceSelect({ service, onChange }: Props) {
  const prefixes = useResource(servicePrefixes, []);
  const options = useMemo(
    () => (prefixes.value ?? []).map((value) => ({ value, label: prefixName(value), filteringTags: [value], ...(prefixName(value) !== value && { labelTag: value }) }))
      .sort((a, b) => a.label.localeCompare(b.label, "en", { sensitivity: "base" })),
    [prefixes.value],
  );
  return (
    <FormField label={words.service}>
      <Select
        filteringType="auto"
        virtualScroll
        placeholder={words.chooseService}
        selectedOption={options.find(({ value }) => value === service) ?? (service ? { value: service, label: service } : null)}
        options={options}
        statusType={prefixes.isLoading ? "loading" : prefixes.error === undefined ? "finished" : "error"}
        onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}

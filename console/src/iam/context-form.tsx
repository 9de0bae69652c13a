import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";
import { texts } from "../texts.ts";

export interface ContextKey {
  key: string;
  values: string;
}

interface Props {
  keys: ContextKey[];
  onChange: (keys: ContextKey[]) => void;
}

const words = texts.simulator;

/** Condition keys as the request would carry them. */
export function ContextForm({ keys, onChange }: Props) {
  const change = (at: number, changed: Partial<ContextKey>) => onChange(keys.map((key, index) => (index === at ? { ...key, ...changed } : key)));
  return (
    <AttributeEditor
      items={keys}
      addButtonText={words.addKey}
      removeButtonText={texts.action.remove}
      empty={words.noKeys}
      onAddButtonClick={() => onChange([...keys, { key: "", values: "" }])}
      onRemoveButtonClick={({ detail }) => onChange(keys.filter((_, at) => at !== detail.itemIndex))}
      definition={[
        { label: texts.policyEditor.conditionKey, control: ({ key }, at) => <Input value={key} placeholder="aws:SourceArn" onChange={({ detail }) => change(at, { key: detail.value })} /> },
        { label: texts.policyEditor.conditionValues, control: ({ values }, at) => <Input value={values} onChange={({ detail }) => change(at, { values: detail.value })} /> },
      ]}
    />
  );
}

import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Input from "@cloudscape-design/components/input";
import { texts } from "../../texts.ts";
import type { PartProps } from "./actions-picker.tsx";
import { conditionKeys } from "./arn-pattern.ts";
import type { Condition } from "./blocks.ts";

const words = texts.policyEditor;

const OPERATORS = [
  "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike",
  "Bool", "NumericEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
  "DateEquals", "DateLessThan", "DateGreaterThan", "IpAddress", "NotIpAddress", "Null", "ForAnyValue:StringEquals", "ForAllValues:StringEquals",
];

/** When the permissions hold. Several values of a key stand apart by commas. */
export function ConditionsForm({ block, facts, onChange }: PartProps) {
  const keys = conditionKeys(facts, block.actions).map((value) => ({ value }));
  const set = (conditions: Condition[]) => onChange({ ...block, conditions });
  const change = (at: number, changed: Partial<Condition>) =>
    set(block.conditions.map((condition, index) => (index === at ? { ...condition, ...changed } : condition)));
  return (
    <AttributeEditor
      items={block.conditions}
      addButtonText={words.addCondition}
      removeButtonText={texts.action.remove}
      empty={words.noConditions}
      onAddButtonClick={() => set([...block.conditions, { operator: "StringEquals", key: "", values: [] }])}
      onRemoveButtonClick={({ detail }) => set(block.conditions.filter((_, at) => at !== detail.itemIndex))}
      definition={[
        { label: words.conditionKey, control: ({ key }, at) => (
          <Autosuggest value={key} options={keys} enteredTextLabel={texts.use} empty={words.noKeys} onChange={({ detail }) => change(at, { key: detail.value })} />
        ) },
        { label: words.operator, control: ({ operator }, at) => (
          <Autosuggest value={operator} options={OPERATORS.map((value) => ({ value }))} enteredTextLabel={texts.use} onChange={({ detail }) => change(at, { operator: detail.value })} />
        ) },
        { label: words.conditionValues, control: ({ values }, at) => (
          <Input value={values.join(",")} onChange={({ detail }) => change(at, { values: detail.value.split(",") })} />
        ) },
      ]}
    />
  );
}

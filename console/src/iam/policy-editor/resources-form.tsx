import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import TokenGroup from "@cloudscape-design/components/token-group";
import { useState } from "react";
import { texts } from "../../texts.ts";
import { resourceTypes } from "./arn-pattern.ts";
import { ArnBuilder } from "./arn-builder.tsx";
import type { PartProps } from "./actions-picker.tsx";

const words = texts.policyEditor;

export function ResourcesForm({ block, facts, onChange }: PartProps) {
  const [building, setBuilding] = useState<string>();
  const isAll = block.resources.includes("*");
  const types = resourceTypes(facts, block.actions);
  const isEverythingOnly = block.actions.length > 0 && types.length === 0;
  const add = (arn: string) => {
    onChange({ ...block, resources: [...block.resources.filter((resource) => resource !== arn && resource !== "*"), arn] });
    setBuilding(undefined);
  };
  return (
    <SpaceBetween size="s">
      <FormField label={words.resourceScope} stretch>
        <RadioGroup
          value={isAll ? "all" : "specific"}
          ariaLabel={words.resourceScope}
          onChange={({ detail }) => onChange({ ...block, resources: detail.value === "all" ? ["*"] : [] })}
          items={[
            { value: "specific", label: words.specific, description: words.specificDescription },
            { value: "all", label: words.allResources, description: words.allResourcesDescription },
          ]}
        />
      </FormField>
      {isEverythingOnly && !isAll && <Alert type="info">{words.everythingOnly}</Alert>}
      {!isAll && (
        <>
          <TokenGroup
            items={block.resources.map((arn) => ({ label: arn, dismissLabel: words.removeArn(arn) }))}
            alignment="vertical"
            onDismiss={({ detail }) => onChange({ ...block, resources: block.resources.filter((_, at) => at !== detail.itemIndex) })}
          />
          <SpaceBetween direction="horizontal" size="xs">
            {types.map((type) => <Button key={type} onClick={() => setBuilding(type)}>{words.addArn(type)}</Button>)}
            <Button onClick={() => setBuilding("")}>{words.addAnyArn}</Button>
          </SpaceBetween>
        </>
      )}
      {building !== undefined && (
        <ArnBuilder type={building} pattern={facts.resources[building]?.arn} onAdd={add} onClose={() => setBuilding(undefined)} />
      )}
    </SpaceBetween>
  );
}

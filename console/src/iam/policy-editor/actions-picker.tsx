import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { ServiceFacts } from "../../aws/reference.ts";
import { texts } from "../../texts.ts";
import { ActionLevel } from "./action-level.tsx";
import type { Block } from "./blocks.ts";
import { byLevel } from "./levels.ts";

export interface PartProps {
  block: Block;
  facts: ServiceFacts;
  onChange: (block: Block) => void;
}

const words = texts.policyEditor;

export function ActionsPicker({ block, facts, onChange }: PartProps) {
  const [search, setSearch] = useState("");
  const isAll = block.actions.includes("*");
  const unlisted = block.actions.filter((action) => action !== "*" && !(action in facts.actions));
  return (
    <SpaceBetween size="s">
      <FormField label={words.effect}>
        <SegmentedControl
          selectedId={block.effect}
          label={words.effect}
          options={[{ id: "Allow", text: words.allow }, { id: "Deny", text: words.deny }]}
          onChange={({ detail }) => onChange({ ...block, effect: detail.selectedId as Block["effect"] })}
        />
      </FormField>
      <FormField label={words.actions} description={words.actionsDescription}>
        <Input type="search" value={search} placeholder={words.filterActions} ariaLabel={words.filterActions} onChange={({ detail }) => setSearch(detail.value)} />
      </FormField>
      <Checkbox checked={isAll} onChange={({ detail }) => onChange({ ...block, actions: detail.checked ? ["*"] : [] })}>
        {words.allActions(block.service)}
      </Checkbox>
      {unlisted.length > 0 && <Box variant="small">{words.unlisted(unlisted.join(", "))}</Box>}
      {!isAll && byLevel(facts, search).map(([level, names]) => (
        <ActionLevel key={level} level={level} names={names} isSearching={search !== ""} chosen={block.actions} onChange={(actions) => onChange({ ...block, actions })} />
      ))}
    </SpaceBetween>
  );
}

import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { texts } from "../../texts.ts";
import { type Block, newBlock } from "./blocks.ts";
import { BlockCard } from "./block-card.tsx";
import { newId } from "../../ui/new-id.ts";

interface Props {
  blocks: Block[];
  onChange: (blocks: Block[]) => void;
}

const words = texts.policyEditor;

export function VisualEditor({ blocks, onChange }: Props) {
  const change = (changed: Block) => onChange(blocks.map((block) => (block.id === changed.id ? changed : block)));
  const remove = (id: string) => onChange(blocks.filter((block) => block.id !== id));
  const clone = (block: Block) => onChange([...blocks, { ...block, sid: "", id: newId() }]);
  return (
    <SpaceBetween size="m">
      {blocks.map((block) => (
        <BlockCard key={block.id} block={block} onChange={change} onRemove={() => remove(block.id)} onClone={() => clone(block)} />
      ))}
      <Button iconName="add-plus" onClick={() => onChange([...blocks, newBlock()])}>{words.addPermissions}</Button>
    </SpaceBetween>
  );
}

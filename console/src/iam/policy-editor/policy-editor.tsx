import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { texts } from "../../texts.ts";
import { JsonEditor } from "../../ui/json-editor/json-editor.tsx";
import { parseJson } from "../../ui/json-text.ts";
import { FindingList } from "../finding-list.tsx";
import { type Block, fromDocument, newBlock, toText } from "./blocks.ts";
import { ExamplePolicy } from "./example-policy.tsx";
import { completeAction } from "./complete-action.ts";
import { policyFindings } from "./policy-findings.ts";
import { useFacts } from "./use-facts.ts";
import { VisualEditor } from "./visual-editor.tsx";

interface Props {
  text: string;
  onChange: (text: string) => void;
}

const words = texts.policyEditor;

/** One policy, in two views: what is changed in one is there in the other. */
export function PolicyEditor({ text, onChange }: Props) {
  const [view, setView] = useState("visual");
  const [blocks, setBlocks] = useState<Block[] | undefined>(() => blocksOf(text));
  const { facts, prefixes } = useFacts(text);
  const findings = policyFindings(text, facts, prefixes);
  const writeText = (next: string) => {
    setBlocks(blocksOf(next));
    onChange(next);
  };
  const writeBlocks = (next: Block[]) => {
    setBlocks(next);
    onChange(toText(next));
  };
  const visual = blocks ? <VisualEditor blocks={blocks} onChange={writeBlocks} /> : <Alert type="error" header={words.noVisualHeader}>{words.noVisual}</Alert>;
  const json = (
    <SpaceBetween size="s">
      <JsonEditor label={words.jsonLabel} value={text} findings={findings} onChange={writeText} complete={completeAction} minHeight={280} />
      <FindingList findings={findings} />
    </SpaceBetween>
  );
  return (
    <SpaceBetween size="m">
      <ExamplePolicy onChoose={writeText} />
      <Tabs
        activeTabId={view}
        ariaLabel={words.views}
        onChange={({ detail }) => setView(detail.activeTabId)}
        tabs={[{ id: "visual", label: words.visual, content: visual }, { id: "json", label: words.json, content: json }]}
      />
    </SpaceBetween>
  );
}

function blocksOf(text: string): Block[] | undefined {
  const blocks = fromDocument(parseJson(text).value);
  return blocks?.length === 0 ? [newBlock()] : blocks;
}

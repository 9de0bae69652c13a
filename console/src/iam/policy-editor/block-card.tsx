import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { serviceFacts } from "../../aws/reference.ts";
import { useResource } from "../../aws/use-resource.ts";
import { texts } from "../../texts.ts";
import { Code } from "../../ui/code.tsx";
import { Loaded } from "../../ui/loading.tsx";
import { prefixName } from "../services.ts";
import { ActionsPicker } from "./actions-picker.tsx";
import type { Block } from "./blocks.ts";
import { ConditionsForm } from "./conditions-form.tsx";
import { ResourcesForm } from "./resources-form.tsx";
import { ServiceSelect } from "./service-select.tsx";

interface Props {
  block: Block;
  onChange: (block: Block) => void;
  onRemove: () => void;
  onClone: () => void;
}

const words = texts.policyEditor;

/** One statement: a service, its actions, its resources, its conditions. */
export function BlockCard({ block, onChange, onRemove, onClone }: Props) {
  const title = block.raw ? words.rawTitle : block.service ? prefixName(block.service) : words.newTitle;
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <Button onClick={onClone} disabled={!block.service && !block.raw}>{words.clone}</Button>
      <Button onClick={onRemove} ariaLabel={words.removeBlock(title)}>{texts.action.remove}</Button>
    </SpaceBetween>
  );
  const description = block.service ? `${block.effect} · ${words.actionCount(block.actions.length)}` : undefined;
  return (
    <Container header={<Header variant="h3" actions={actions} description={description}>{title}</Header>}>
      {block.raw ? <Raw raw={block.raw} /> : <Parts block={block} onChange={onChange} />}
    </Container>
  );
}

function Raw({ raw }: { raw: Record<string, unknown> }) {
  return (
    <SpaceBetween size="s">
      <Box variant="p">{words.raw}</Box>
      <Code label={words.rawTitle} text={JSON.stringify(raw)} />
    </SpaceBetween>
  );
}

function Parts({ block, onChange }: Pick<Props, "block" | "onChange">) {
  return (
    <SpaceBetween size="m">
      <ServiceSelect service={block.service} onChange={(service) => onChange({ ...block, service, actions: [], resources: [], conditions: [] })} />
      {block.service && <ServiceParts block={block} onChange={onChange} />}
    </SpaceBetween>
  );
}

function ServiceParts({ block, onChange }: Pick<Props, "block" | "onChange">) {
  const facts = useResource(() => serviceFacts(block.service), [block.service]);
  return (
    <Loaded resource={facts}>
      {(known) => (
        <>
          <ActionsPicker block={block} facts={known} onChange={onChange} />
          <ExpandableSection headerText={words.resources} defaultExpanded>
            <ResourcesForm block={block} facts={known} onChange={onChange} />
          </ExpandableSection>
          <ExpandableSection headerText={words.conditions} headerCounter={`(${block.conditions.length})`}>
            <ConditionsForm block={block} facts={known} onChange={onChange} />
          </ExpandableSection>
        </>
      )}
    </Loaded>
  );
}

import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo } from "react";
import { FindingList } from "../../iam/finding-list.tsx";
import { texts } from "../../texts.ts";
import type { Finding } from "../../ui/json-editor/editor-props.ts";
import { JsonEditor } from "../../ui/json-editor/json-editor.tsx";
import { DefinitionGraph } from "../graph/definition-graph.tsx";
import { completeDefinition } from "./complete-definition.ts";
import { stateProblems } from "./state-problems.ts";

interface Props {
  definition: string;
  findings: Finding[];
  onChange: (definition: string) => void;
  selected: string | undefined;
  onSelect: (state: string) => void;
}

const words = texts.definition;

/** Text and graph side by side, both with what is wrong. */
export function DefinitionEditor({ definition, findings, onChange, selected, onSelect }: Props) {
  const problems = useMemo(() => stateProblems(findings), [findings]);
  return (
    <Container header={<Header variant="h2" description={words.description}>{words.title}</Header>}>
      <SpaceBetween size="s">
        <Grid gridDefinition={[{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }]}>
          <JsonEditor label={words.title} value={definition} findings={findings} onChange={onChange} complete={completeDefinition} minHeight={456} maxHeight={456} />
          <DefinitionGraph definition={definition} problems={problems} selected={selected} onSelect={onSelect} />
        </Grid>
        <FindingList findings={findings} />
      </SpaceBetween>
    </Container>
  );
}

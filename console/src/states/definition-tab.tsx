import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import { texts } from "../texts.ts";
import { JsonEditor } from "../ui/json-editor/json-editor.tsx";
import { pretty } from "../ui/json-text.ts";
import { DefinitionGraph } from "./graph/definition-graph.tsx";

export function DefinitionTab({ definition }: { definition: string }) {
  return (
    <Container header={<Header variant="h2">{texts.definition.title}</Header>}>
      <Grid gridDefinition={[{ colspan: { default: 12, s: 7 } }, { colspan: { default: 12, s: 5 } }]}>
        <JsonEditor label={texts.definition.title} value={pretty(definition)} minHeight={456} maxHeight={456} />
        <DefinitionGraph definition={definition} />
      </Grid>
    </Container>
  );
}

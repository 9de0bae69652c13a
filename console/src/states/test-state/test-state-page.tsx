import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { texts } from "../../texts.ts";
import { JsonEditor } from "../../ui/json-editor/json-editor.tsx";
import { parseJson } from "../../ui/json-text.ts";
import { Page } from "../../ui/page.tsx";
import { completeDefinition } from "../definition/complete-definition.ts";
import { ExistingRole } from "../role-form.tsx";
import { TestStateForm } from "./test-state-form.tsx";

const words = texts.testState;
const EXAMPLE = JSON.stringify({ Type: "Pass", QueryLanguage: "JSONata", Output: "{% { 'hello': $states.input.name } %}", End: true }, undefined, 2);

/** One state, tried alone, from its own text. */
export default function TestStatePage() {
  const [definition, setDefinition] = useState(EXAMPLE);
  const [role, setRole] = useState("");
  const { finding } = parseJson(definition);
  return (
    <Page title={words.title} description={words.description} crumbs={[{ text: texts.navigation.stepFunctions, href: "#/states/machines" }]}>
      <Container header={<Header variant="h2">{words.state}</Header>}>
        <SpaceBetween size="m">
          <JsonEditor label={words.state} value={definition} findings={finding ? [finding] : []} onChange={setDefinition} complete={completeDefinition} minHeight={200} />
          <ExistingRole arn={role} onChange={setRole} problem={undefined} />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">{words.test}</Header>}>
        <TestStateForm subject={{ definition, roleArn: role }} isReady={finding === undefined} firstInput={'{ "name": "world" }'} />
      </Container>
    </Page>
  );
}

import { InspectionLevel, TestStateCommand, type TestStateOutput } from "@aws-sdk/client-sfn";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { JsonEditor } from "../ui/json-editor/json-editor.tsx";
import { parseJson } from "../ui/json-text.ts";
import { Page } from "../ui/page.tsx";
import { completeDefinition } from "./definition/complete-definition.ts";
import { ExistingRole } from "./role-form.tsx";
import { TestResult } from "./test-result.tsx";

const words = texts.testState;
const EXAMPLE = JSON.stringify({ Type: "Pass", QueryLanguage: "JSONata", Output: "{% { 'hello': $states.input.name } %}", End: true }, undefined, 2);
const LEVELS = [InspectionLevel.INFO, InspectionLevel.DEBUG, InspectionLevel.TRACE].map((value) => ({ value, label: value }));

/** One state, tried alone: its task is really called with the chosen role. */
export default function TestStatePage() {
  const { sfn } = useClients();
  const [definition, setDefinition] = useState(EXAMPLE);
  const [input, setInput] = useState('{ "name": "world" }');
  const [role, setRole] = useState("");
  const [level, setLevel] = useState<InspectionLevel>(InspectionLevel.DEBUG);
  const [result, setResult] = useState<TestStateOutput>();
  const action = useAction();
  const wrongDefinition = parseJson(definition).finding;
  const wrongInput = parseJson(input).finding;
  const test = () => void action.run(async () => {
    setResult(undefined);
    setResult(await sfn.send(new TestStateCommand({ definition, input, inspectionLevel: level, ...(role && { roleArn: role }) })));
  });
  return (
    <Page title={words.title} description={words.description} crumbs={[{ text: texts.navigation.stepFunctions, href: "#/states/machines" }]}>
      <Grid gridDefinition={[{ colspan: { default: 12, m: 7 } }, { colspan: { default: 12, m: 5 } }]}>
        <Container header={<Header variant="h2">{words.state}</Header>}>
          <SpaceBetween size="m">
            <JsonEditor label={words.state} value={definition} findings={wrongDefinition ? [wrongDefinition] : []} onChange={setDefinition} complete={completeDefinition} minHeight={240} />
            <FormField label={words.input} errorText={wrongInput && texts.start.noJson(wrongInput.message)} stretch>
              <JsonEditor label={words.input} value={input} findings={wrongInput ? [wrongInput] : []} onChange={setInput} minHeight={100} />
            </FormField>
            <ExistingRole arn={role} onChange={setRole} problem={undefined} />
            <FormField label={words.level} description={words.levelDescription}>
              <Select selectedOption={LEVELS.find(({ value }) => value === level) ?? null} options={LEVELS} onChange={({ detail }) => setLevel(detail.selectedOption.value as InspectionLevel)} />
            </FormField>
            <Button variant="primary" disabled={wrongDefinition !== undefined || wrongInput !== undefined} loading={action.isRunning} onClick={test}>{words.button}</Button>
          </SpaceBetween>
        </Container>
        <Container header={<Header variant="h2">{words.result}</Header>}>
          <div aria-live="polite">
            <Failure error={action.error} />
            {result ? <TestResult result={result} /> : !action.error && words.none}
          </div>
        </Container>
      </Grid>
    </Page>
  );
}

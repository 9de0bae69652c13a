import { InspectionLevel, TestStateCommand, type TestStateOutput } from "@aws-sdk/client-sfn";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../../aws/use-action.ts";
import { useClients } from "../../session/session.ts";
import { texts } from "../../texts.ts";
import { Failure } from "../../ui/failure.tsx";
import { JsonEditor } from "../../ui/json-editor/json-editor.tsx";
import { parseJson } from "../../ui/json-text.ts";
import { MockForm } from "./mock-form.tsx";
import { type MockChoice, mockInput, mockProblem, NO_MOCK } from "./mock.ts";
import { TestResult } from "./test-result.tsx";

/** What is tried: a state's own text, or one state of a whole definition. */
export interface TestSubject {
  definition: string;
  stateName?: string;
  roleArn: string;
}

interface Props {
  subject: TestSubject;
  isReady: boolean;
  firstInput: string;
}

const words = texts.testState;
const LEVELS = [
  { id: InspectionLevel.INFO, text: words.levels.INFO }, { id: InspectionLevel.DEBUG, text: words.levels.DEBUG }, { id: InspectionLevel.TRACE, text: words.levels.TRACE },
];

/** Input, mock and level on the left; on the right what came of it. */
export function TestStateForm({ subject, isReady, firstInput }: Props) {
  const { sfn } = useClients();
  const [input, setInput] = useState(firstInput);
  const [mock, setMock] = useState<MockChoice>(NO_MOCK);
  const [level, setLevel] = useState<InspectionLevel>(InspectionLevel.DEBUG);
  const [result, setResult] = useState<TestStateOutput>();
  const action = useAction();
  const { finding } = parseJson(input);
  const { definition, stateName, roleArn } = subject;
  const test = () => void action.run(async () => {
    setResult(undefined);
    const asked = { definition, input, inspectionLevel: level, ...(stateName && { stateName }), ...(roleArn && { roleArn }) };
    setResult(await sfn.send(new TestStateCommand({ ...asked, ...mockInput(mock) })));
  });
  const isWrong = !isReady || finding !== undefined || mockProblem(mock) !== undefined;
  return (
    <Grid gridDefinition={[{ colspan: { default: 12, s: 6 } }, { colspan: { default: 12, s: 6 } }]}>
      <SpaceBetween size="m">
        <FormField label={words.input} errorText={finding && texts.start.noJson(finding.message)} stretch>
          <JsonEditor label={words.input} value={input} findings={finding ? [finding] : []} onChange={setInput} minHeight={90} />
        </FormField>
        <MockForm mock={mock} onChange={setMock} />
        <FormField label={words.level} description={words.levelDescription}>
          <SegmentedControl selectedId={level} label={words.level} options={LEVELS} onChange={({ detail }) => setLevel(detail.selectedId as InspectionLevel)} />
        </FormField>
        <Button variant="primary" disabled={isWrong} loading={action.isRunning} onClick={test}>{words.button}</Button>
      </SpaceBetween>
      <section aria-label={words.result} aria-live="polite">
        <SpaceBetween size="m">
          <Box variant="h3">{words.result}</Box>
          <Failure error={action.error} />
          {result ? <TestResult result={result} /> : !action.error && <Box color="text-status-inactive">{words.none}</Box>}
        </SpaceBetween>
      </section>
    </Grid>
  );
}

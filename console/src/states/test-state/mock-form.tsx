import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { texts } from "../../texts.ts";
import { JsonEditor } from "../../ui/json-editor/json-editor.tsx";
import { type MockChoice, mockProblem } from "./mock.ts";

interface Props {
  mock: MockChoice;
  onChange: (mock: MockChoice) => void;
}

const words = texts.testState;
const KINDS = [{ id: "none", text: words.real }, { id: "result", text: words.mockResult }, { id: "error", text: words.mockError }];

/** Whether the task is really called, and what it answers when it is not. */
export function MockForm({ mock, onChange }: Props) {
  const problem = mockProblem(mock);
  return (
    <SpaceBetween size="s">
      <FormField label={words.mock} description={words.mockDescription}>
        <SegmentedControl selectedId={mock.kind} label={words.mock} options={KINDS} onChange={({ detail }) => onChange({ ...mock, kind: detail.selectedId as MockChoice["kind"] })} />
      </FormField>
      {mock.kind === "result" && (
        <FormField label={words.mockedResult} errorText={problem} stretch>
          <JsonEditor label={words.mockedResult} value={mock.result} onChange={(result) => onChange({ ...mock, result })} minHeight={70} />
        </FormField>
      )}
      {mock.kind === "error" && (
        <>
          <FormField label={words.error} errorText={problem}><Input value={mock.error} placeholder="Lambda.TooManyRequestsException" spellcheck={false} onChange={({ detail }) => onChange({ ...mock, error: detail.value.trim() })} /></FormField>
          <FormField label={words.cause} description={texts.optional}><Input value={mock.cause} onChange={({ detail }) => onChange({ ...mock, cause: detail.value })} /></FormField>
        </>
      )}
    </SpaceBetween>
  );
}

import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { texts } from "../texts.ts";

export type SourceChoice = { kind: "text"; text: string; file?: undefined } | { kind: "file"; file: File | undefined; text: string };

interface Props {
  source: SourceChoice;
  onChange: (source: SourceChoice) => void;
  problem: string | undefined;
}

const words = texts.functions;

/** Code as a text of one file or as a .zip. */
export function CodeSource({ source, onChange, problem }: Props) {
  return (
    <SpaceBetween size="s">
      <FormField label={words.code}>
        <SegmentedControl
          selectedId={source.kind}
          label={words.code}
          options={[{ id: "text", text: words.codeText }, { id: "file", text: words.codeFile }]}
          onChange={({ detail }) => onChange(detail.selectedId === "text" ? { kind: "text", text: source.text } : { kind: "file", file: undefined, text: source.text })}
        />
      </FormField>
      {source.kind === "text" ? (
        <div className="code-text">
          <Textarea value={source.text} rows={10} spellcheck={false} ariaLabel={words.codeText} onChange={({ detail }) => onChange({ kind: "text", text: detail.value })} />
        </div>
      ) : (
        <FormField label={words.zip} errorText={problem}>
          <FileUpload
            value={source.file ? [source.file] : []}
            accept=".zip"
            i18nStrings={words.upload}
            constraintText={words.zipConstraint}
            showFileSize
            onChange={({ detail }) => onChange({ kind: "file", file: detail.value[0], text: source.text })}
          />
        </FormField>
      )}
    </SpaceBetween>
  );
}

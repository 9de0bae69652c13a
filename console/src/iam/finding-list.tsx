import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { texts } from "../texts.ts";
import type { Finding } from "../ui/json-editor/editor-props.ts";

/** Findings as a list, for those who do not see the editor's margin. */
export function FindingList({ findings }: { findings: Finding[] }) {
  return (
    <div role="status" aria-label={texts.findings.title}>
      {findings.length === 0 && <StatusIndicator type="success">{texts.findings.none}</StatusIndicator>}
      {findings.map((finding) => (
        <div key={`${finding.pointer}${finding.message}`}>
          <StatusIndicator type={finding.severity}>
            {finding.pointer ? `${finding.pointer}: ` : ""}{finding.message}
          </StatusIndicator>
        </div>
      ))}
    </div>
  );
}

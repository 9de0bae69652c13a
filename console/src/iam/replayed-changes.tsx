import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Change } from "../states/advice.ts";
import { texts } from "../texts.ts";

const words = texts.suggestion;

/** Recorded calls that other policies would decide otherwise. */
export function ReplayedChanges({ changes }: { changes: Change[] }) {
  return (
    <section aria-label={words.replay}>
      <SpaceBetween size="xs">
        <Box variant="h4">{words.replay}</Box>
        <Box color="text-body-secondary">{words.replayText}</Box>
        {changes.length === 0 && <StatusIndicator type="success">{words.same}</StatusIndicator>}
        {changes.map(({ action, resource, count, change }) => (
          <div key={`${action} ${resource} ${change}`}>
            <StatusIndicator type={change === "NEWLY_DENIED" ? "error" : "warning"}>{change === "NEWLY_DENIED" ? words.newlyDenied : words.newlyAllowed}</StatusIndicator>
            <Box padding={{ left: "l" }}><span className="arn">{action} – {resource} ({words.times(count)})</span></Box>
          </div>
        ))}
      </SpaceBetween>
    </section>
  );
}

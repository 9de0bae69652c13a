import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";
import { Status } from "./status.tsx";

export interface SyncOutcome {
  status?: string | undefined;
  output?: string | undefined;
  error?: string | undefined;
  cause?: string | undefined;
}

/** How an Express execution ended, shown where it was started: it leaves no page of its own. */
export function SyncResult({ outcome }: { outcome: SyncOutcome }) {
  return (
    <div role="status">
      <SpaceBetween size="s">
        <Status status={outcome.status} />
        {outcome.error && <Box><strong>{outcome.error}</strong>: {outcome.cause}</Box>}
        {outcome.output && <Code label={texts.execution.output} text={outcome.output} />}
      </SpaceBetween>
    </div>
  );
}

import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Advised } from "../states/advice.ts";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";

/** Advised policies to read before they are made, with what should be known of them. */
export function AdvisedPolicies({ label, advised }: { label: string; advised: Advised }) {
  return (
    <SpaceBetween size="xs">
      {advised.policies.length === 0 && <Box color="text-status-inactive">{texts.advised.nothing}</Box>}
      {advised.policies.map((policy, at) => <Code key={policy} label={at === 0 ? label : `${label} ${at + 1}`} text={policy} />)}
      {advised.policies.length > 1 && <StatusIndicator type="info">{texts.advised.several}</StatusIndicator>}
      {advised.notes.map((note) => <StatusIndicator key={note} type="info">{note}</StatusIndicator>)}
    </SpaceBetween>
  );
}

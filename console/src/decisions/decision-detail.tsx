import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Decision } from "../aws/stepward.ts";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";

const words = texts.decisions;

/** Why a call was allowed or denied, and what would fix a denial. */
export function DecisionDetail({ decision }: { decision: Decision }) {
  if (decision.decision === "Allowed") return <Box variant="p">{words.allowedText(decision.action, decision.resource)}</Box>;
  return (
    <SpaceBetween size="m">
      <Alert type="error">{decision.message || words.noMessage}</Alert>
      {decision.explanation && (
        <div>
          <Box variant="h4">{words.why}</Box>
          <pre className="code" tabIndex={0} role="region" aria-label={words.why}>{decision.explanation}</pre>
        </div>
      )}
      {decision.fix && (
        <div>
          <Box variant="h4">{words.fix}</Box>
          <Code label={words.fix} text={decision.fix} />
        </div>
      )}
    </SpaceBetween>
  );
}

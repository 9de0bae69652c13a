import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Decision } from "../aws/stepward.ts";
import { href } from "../router.ts";
import { texts } from "../texts.ts";
import { nameOf } from "../ui/arn.tsx";
import { DenialStory } from "./denial-story.tsx";

const words = texts.decisions;

/** Why a call was allowed or denied, and what would fix a denial. */
export function DecisionDetail({ decision, isInExecution = false }: { decision: Decision; isInExecution?: boolean }) {
  return (
    <SpaceBetween size="m">
      {decision.decision === "Allowed" ? <Allowed decision={decision} /> : <DenialStory call={decision} />}
      {decision.executionArn && !isInExecution && (
        <Box>
          {words.during(decision.stateName ?? "")}{" "}
          <Link href={href(["states", "executions", decision.executionArn])}>{nameOf(decision.executionArn)}</Link>
        </Box>
      )}
    </SpaceBetween>
  );
}

function Allowed({ decision }: { decision: Decision }) {
  const { action, resource, statement, count = 1 } = decision;
  return (
    <SpaceBetween size="xs">
      <StatusIndicator type="success">{words.allowedText(action, resource)}</StatusIndicator>
      {statement && <Box>{words.allowedBy(statement)}</Box>}
      {count > 1 && <Box color="text-body-secondary">{words.times(count)}</Box>}
    </SpaceBetween>
  );
}

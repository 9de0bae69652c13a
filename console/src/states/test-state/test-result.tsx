import type { TestStateOutput } from "@aws-sdk/client-sfn";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { deniedAction } from "../../aws/failures.ts";
import { href } from "../../router.ts";
import { texts } from "../../texts.ts";
import { Code } from "../../ui/code.tsx";
import { Status } from "../status.tsx";

const words = texts.testState;

export function TestResult({ result }: { result: TestStateOutput }) {
  const steps = Object.entries(result.inspectionData ?? {}).filter(([, value]) => value !== undefined);
  return (
    <SpaceBetween size="m">
      <KeyValuePairs columns={2} items={[{ label: texts.machine.status, value: <Status status={result.status} /> }, { label: words.next, value: result.nextState ?? "–" }]} />
      {result.error && <TestError error={result.error} cause={result.cause ?? ""} />}
      {result.output && (
        <div>
          <Box variant="h4">{texts.execution.output}</Box>
          <Code label={texts.execution.output} text={result.output} />
        </div>
      )}
      {steps.map(([name, value]) => (
        <ExpandableSection key={name} headerText={name}>
          <Code label={name} text={typeof value === "string" ? value : JSON.stringify(value)} />
        </ExpandableSection>
      ))}
    </SpaceBetween>
  );
}

/** A task that IAM refused leads to the decision that explains it. */
function TestError({ error, cause }: { error: string; cause: string }) {
  const action = deniedAction(cause);
  return (
    <Alert type="error" header={error}>
      {cause} {action && <Link href={href(["decisions"], { action, decision: "Denied" })}>{texts.failure.why}</Link>}
    </Alert>
  );
}

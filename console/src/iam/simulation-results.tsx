import type { EvaluationResult, Statement } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { texts } from "../texts.ts";

const words = texts.simulator;

/** One answer for each action: yes or no, and which statement decided. */
export function SimulationResults({ results }: { results: EvaluationResult[] }) {
  return (
    <Container header={<Header variant="h2">{words.answer}</Header>}>
      <div aria-live="polite">
        <SpaceBetween size="l">
          {results.map((result) => <Result key={`${result.EvalActionName} ${result.EvalResourceName}`} result={result} />)}
        </SpaceBetween>
      </div>
    </Container>
  );
}

function Result({ result }: { result: EvaluationResult }) {
  const isAllowed = result.EvalDecision === "allowed";
  return (
    <SpaceBetween size="xs">
      <StatusIndicator type={isAllowed ? "success" : "error"}>
        {words.verdict(result.EvalActionName ?? "", result.EvalResourceName ?? "*", isAllowed)}
      </StatusIndicator>
      <Box padding={{ left: "l" }}>
        <ul>{reasons(result).map((reason) => <li key={reason}>{reason}</li>)}</ul>
      </Box>
    </SpaceBetween>
  );
}

export function reasons(result: EvaluationResult): string[] {
  const matched = (result.MatchedStatements ?? []).map((statement) => words.matched(statement.SourcePolicyId ?? "?", place(statement)));
  const missing = result.MissingContextValues ?? [];
  return [
    ...(result.EvalDecision === "implicitDeny" ? [words.implicit] : []),
    ...(result.EvalDecision === "explicitDeny" ? [words.explicit] : []),
    ...matched,
    ...(result.PermissionsBoundaryDecisionDetail?.AllowedByPermissionsBoundary === false ? [words.boundary] : []),
    ...(missing.length > 0 ? [words.missing(missing.join(", "))] : []),
  ];
}

function place({ StartPosition }: Statement): string {
  return StartPosition ? words.line(StartPosition.Line ?? 1) : "";
}

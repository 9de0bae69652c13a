import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { DenialStory } from "../decisions/denial-story.tsx";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";
import { type Simulated, simulatedDenial } from "./simulated-denial.ts";

const words = texts.simulator;

interface Props {
  principal: string;
  results: Simulated[];
}

/** One answer for each action: yes or no, which statement decided, and what would change a no. */
export function SimulationResults({ principal, results }: Props) {
  return (
    <Container header={<Header variant="h2">{words.answer}</Header>}>
      <div aria-live="polite">
        <SpaceBetween size="xl">
          {results.map((simulated) => <Result key={`${simulated.result.EvalActionName} ${simulated.result.EvalResourceName}`} principal={principal} simulated={simulated} />)}
        </SpaceBetween>
      </div>
    </Container>
  );
}

function Result({ principal, simulated }: { principal: string; simulated: Simulated }) {
  const { result, matched } = simulated;
  const isAllowed = result.EvalDecision === "allowed";
  const missing = result.MissingContextValues ?? [];
  return (
    <SpaceBetween size="s">
      <StatusIndicator type={isAllowed ? "success" : "error"}>
        {words.verdict(result.EvalActionName ?? "", result.EvalResourceName ?? "*", isAllowed)}
      </StatusIndicator>
      {!isAllowed && <DenialStory call={simulatedDenial(principal, simulated)} />}
      {matched.map((statement) => (
        <section key={`${statement.policy} ${statement.line}`} aria-label={words.matched(statement.policy, statement.line)}>
          <Box variant="h4">{words.matched(statement.policy, statement.line)}</Box>
          {statement.text && <Code label={words.matched(statement.policy, statement.line)} text={statement.text} />}
        </section>
      ))}
      {missing.length > 0 && <StatusIndicator type="info">{words.missing(missing.join(", "))}</StatusIndicator>}
    </SpaceBetween>
  );
}

import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useMemo } from "react";
import { texts } from "../../texts.ts";
import { parseJson } from "../../ui/json-text.ts";
import { allStates, outline } from "../graph/outline.ts";
import { TestStateForm } from "./test-state-form.tsx";

interface Props {
  definition: string;
  roleArn: string;
  /** The state that is selected on the graph. */
  stateName: string | undefined;
}

const words = texts.testState;

/** The selected state of the definition as it is typed, tried before anything is saved. */
export function TestStatePanel({ definition, roleArn, stateName }: Props) {
  const names = useMemo(() => new Set(allStates(outline(parseJson(definition).value)).map(({ name }) => name)), [definition]);
  const isThere = stateName !== undefined && names.has(stateName);
  return (
    <Container header={<Header variant="h2" description={words.panelDescription}>{isThere ? words.panel(stateName) : words.title}</Header>}>
      {isThere
        ? <TestStateForm key={stateName} subject={{ definition, stateName, roleArn }} isReady firstInput="{}" />
        : <Box color="text-status-inactive">{words.choose}</Box>}
    </Container>
  );
}

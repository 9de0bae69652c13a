import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { texts } from "../../texts.ts";
import { DefinitionGraph } from "../graph/definition-graph.tsx";
import { StateDetail } from "./state-detail.tsx";
import { StatesTable } from "./states-table.tsx";
import { mostTelling, statusByState, type Visit } from "./visits.ts";

interface Props {
  executionArn: string;
  definition: string;
  visits: Visit[];
  started: Date | undefined;
  ended: Date | undefined;
}

const words = texts.execution;

/** The states of an execution as a graph or as a table with its timeline, and the chosen one in detail. */
export function StatesPanel({ executionArn, definition, visits, started, ended }: Props) {
  const [view, setView] = useState("graph");
  const [picked, setPicked] = useState<{ name: string; id?: number }>();
  const statuses = useMemo(() => statusByState(visits), [visits]);
  const problems = useMemo(() => new Map(visits.filter(({ error }) => error !== undefined).map(({ name, error = "" }) => [name, error])), [visits]);
  const telling = useMemo(() => (ended ? mostTelling(visits) : undefined), [visits, ended]);
  const chosen = picked ?? telling;
  const sameName = visits.filter(({ name }) => name === chosen?.name);
  const visit = sameName.find(({ id }) => id === chosen?.id) ?? sameName.find(({ error }) => error !== undefined) ?? sameName[sameName.length - 1];
  const control = (
    <SegmentedControl
      selectedId={view}
      label={words.view}
      onChange={({ detail }) => setView(detail.selectedId)}
      options={[{ id: "graph", text: words.graphView }, { id: "table", text: words.tableView }]}
    />
  );
  return (
    <Container header={<Header variant="h2" actions={control}>{words.states}</Header>}>
      <Grid gridDefinition={[{ colspan: { default: 12, s: 6, l: 7 } }, { colspan: { default: 12, s: 6, l: 5 } }]}>
        {view === "graph"
          ? <SpaceBetween size="xs"><DefinitionGraph definition={definition} statuses={statuses} problems={problems} selected={chosen?.name} onSelect={(name) => setPicked({ name })} /><Legend /></SpaceBetween>
          : <StatesTable visits={visits} started={started} ended={ended} selected={visit} onSelect={({ name, id }) => setPicked({ name, id })} />}
        <StateDetail key={visit?.id ?? chosen?.name} executionArn={executionArn} name={chosen?.name} visit={visit} visits={sameName} onVisit={(id) => chosen && setPicked({ ...chosen, id })} />
      </Grid>
    </Container>
  );
}

function Legend() {
  return <Box variant="small" color="text-body-secondary">{words.legend}</Box>;
}

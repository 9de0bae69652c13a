import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import type { ReactNode } from "react";

interface Props {
  title: string;
  facts: [string, ReactNode][];
  actions?: ReactNode;
  columns?: number;
}

/** What is known of one thing. */
export function Facts({ title, facts, actions, columns = 3 }: Props) {
  return (
    <Container header={<Header variant="h2" actions={actions}>{title}</Header>}>
      <KeyValuePairs columns={columns} items={facts.map(([label, value]) => ({ label, value: value ?? "–" }))} />
    </Container>
  );
}


import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { texts } from "./texts.ts";
import { Page } from "./ui/page.tsx";

/** What Stepward is for, as the three steps that the guide to Step Functions and IAM names. */
export default function HomePage() {
  const words = texts.home;
  return (
    <Page title={words.title} description={words.description} crumbs={[]}>
      <ColumnLayout columns={3}>
        {words.steps.map((step) => (
          <Container key={step.href} header={<Header variant="h2">{step.title}</Header>}>
            <SpaceBetween size="m">
              <Box variant="p">{step.text}</Box>
              <Button href={step.href}>{step.button}</Button>
            </SpaceBetween>
          </Container>
        ))}
      </ColumnLayout>
    </Page>
  );
}

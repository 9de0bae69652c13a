import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { texts } from "./texts.ts";
import { Page } from "./ui/page.tsx";

/** What Stepward is for, as the three steps that the guide to Step Functions and IAM names. */
export default function HomePage() {
  const words = texts.home;
  return (
    <Page title={words.title} description={words.description} crumbs={[]}>
      <Grid gridDefinition={words.steps.map(() => ({ colspan: { default: 12, s: 4 } }))}>
        {words.steps.map((step) => (
          <Container key={step.href} fitHeight header={<Header variant="h2">{step.title}</Header>}>
            <SpaceBetween size="m">
              <Box variant="p">{step.text}</Box>
              <Button href={step.href}>{step.button}</Button>
            </SpaceBetween>
          </Container>
        ))}
      </Grid>
    </Page>
  );
}

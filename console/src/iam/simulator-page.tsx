import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useLocation } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { Page } from "../ui/page.tsx";
import { ContextForm, type ContextKey } from "./context-form.tsx";
import { PrincipalSelect } from "./principal-select.tsx";
import { simulate, type Simulated } from "./simulated-denial.ts";
import { SimulationResults } from "./simulation-results.tsx";

const words = texts.simulator;

/** Can this role do X on Y, and why. Nothing is carried out. */
export default function SimulatorPage() {
  const { iam } = useClients();
  const { query } = useLocation();
  const [principal, setPrincipal] = useState(query.get("principal") ?? "");
  const [actions, setActions] = useState(query.get("action") ?? "");
  const [resource, setResource] = useState(query.get("resource") ?? "*");
  const [context, setContext] = useState<ContextKey[]>([]);
  const [results, setResults] = useState<{ principal: string; results: Simulated[] }>();
  const [isChecked, setChecked] = useState(false);
  const action = useAction();
  const names = actions.split(/[\s,]+/).filter(Boolean);
  const actionProblem = names.length > 0 && names.every((name) => /^[\w-]+:\w+$/.test(name)) ? undefined : words.actionsWrong;
  const resourceProblem = /^(\*|arn:[^:]+:[^:]*:[^:]*:[^:]*:.+)?$/.test(resource.trim()) ? undefined : words.resourceWrong;
  const run = () => {
    setChecked(true);
    if (!principal || actionProblem || resourceProblem) return;
    void action.run(async () => {
      const results = await simulate(iam, {
        PolicySourceArn: principal,
        ActionNames: names,
        ResourceArns: [resource.trim() || "*"],
        ContextEntries: context.filter(({ key }) => key).map(({ key, values }) => ({ ContextKeyName: key, ContextKeyType: "string", ContextKeyValues: values.split(",") })),
      });
      setResults({ principal, results });
    });
  };
  return (
    <Page title={words.title} description={words.description} crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }]}>
      <Container header={<Header variant="h2">{words.question}</Header>}>
        <SpaceBetween size="m">
          <PrincipalSelect value={principal} onChange={setPrincipal} problem={isChecked && !principal ? words.principalMissing : undefined} />
          <FormField label={words.actions} description={words.actionsDescription} errorText={isChecked ? actionProblem : undefined}>
            <Textarea value={actions} rows={2} placeholder="lambda:InvokeFunction" spellcheck={false} onChange={({ detail }) => setActions(detail.value)} />
          </FormField>
          <FormField label={words.resource} errorText={isChecked ? resourceProblem : undefined}>
            <Input value={resource} spellcheck={false} onChange={({ detail }) => setResource(detail.value)} />
          </FormField>
          <ContextForm keys={context} onChange={setContext} />
          <Button variant="primary" loading={action.isRunning} onClick={run}>{words.run}</Button>
          <Failure error={action.error} />
        </SpaceBetween>
      </Container>
      {results && <SimulationResults principal={results.principal} results={results.results} />}
    </Page>
  );
}

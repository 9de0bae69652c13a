import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { useResource } from "../aws/use-resource.ts";
import { useLocation } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Page } from "../ui/page.tsx";
import type { DecisionQuery } from "../aws/stepward.ts";
import { DecisionsTable } from "./decisions-table.tsx";

const words = texts.decisions;
const EITHER = { value: "", label: words.either };
const EFFECTS = [EITHER, { value: "Denied", label: words.denied }, { value: "Allowed", label: words.allowed }];
/** The server keeps the latest few thousand of each. */
const DECISIONS_MAX = 1000;

export default function DecisionsPage() {
  const { stepward } = useClients();
  const { query } = useLocation();
  const [action, setAction] = useState(query.get("action") ?? "");
  const [principal, setPrincipal] = useState(query.get("principal") ?? "");
  const [effect, setEffect] = useState(EFFECTS.find(({ value }) => value === query.get("decision")) ?? EITHER);
  const asked: DecisionQuery = {
    maxResults: DECISIONS_MAX,
    ...(action.trim() && { action: action.trim() }),
    ...(principal.trim() && { principal: principal.trim() }),
    ...(effect.value && { decision: effect.value as "Allowed" | "Denied" }),
  };
  const decisions = useResource(async () => (await stepward.listDecisions(asked)).decisions, [stepward, JSON.stringify(asked)]);
  return (
    <Page title={words.title} description={words.description} crumbs={[]} actions={<Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={decisions.reload} />}>
      <Grid gridDefinition={[{ colspan: 4 }, { colspan: 5 }, { colspan: 3 }]}>
        <FormField label={words.action}><Input type="search" value={action} placeholder="lambda:InvokeFunction" onChange={({ detail }) => setAction(detail.value)} /></FormField>
        <FormField label={words.principal}><Input type="search" value={principal} placeholder="arn:aws:sts::…" onChange={({ detail }) => setPrincipal(detail.value)} /></FormField>
        <FormField label={words.decision}>
          <Select selectedOption={effect} options={EFFECTS} onChange={({ detail }) => setEffect({ value: detail.selectedOption.value ?? "", label: detail.selectedOption.label ?? "" })} />
        </FormField>
      </Grid>
      <DecisionsTable decisions={decisions} opensFirst={effect.value === "Denied"} />
    </Page>
  );
}

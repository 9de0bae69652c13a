import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect } from "react";
import { useResource } from "../aws/use-resource.ts";
import { AdvisedPolicies } from "../iam/advised-policies-view.tsx";
import { useClients, useSession } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";
import { parseJson } from "../ui/json-text.ts";
import { Loaded } from "../ui/loading.tsx";
import { useSettled } from "../ui/use-settled.ts";
import { type Advised, generatePolicy, type Subject } from "./advice.ts";
import { newRoleTrust, type RoleChoice } from "./role-choice.ts";

interface Props {
  choice: RoleChoice;
  subject: Subject;
  onChange: (choice: RoleChoice) => void;
  problem: string | undefined;
}

const words = texts.roleForm;
const NOTHING: Advised = { policies: [], notes: [] };

/** A role made for the state machine: shown whole before it is made. */
export function NewRole({ choice, subject, onChange, problem }: Props) {
  const { stepward } = useClients();
  const { account, region } = useSession().session;
  const definition = useSettled(subject.definition);
  // Half a definition needs nothing yet; the editor says what is wrong with it.
  const isJson = parseJson(definition).finding === undefined;
  const advised = useResource(() => (isJson ? generatePolicy(stepward, { definition, ...(subject.type && { type: subject.type }) }) : Promise.resolve(NOTHING)), [stepward, definition, subject.type]);
  const policies = advised.value?.policies;
  useEffect(() => {
    if (policies && JSON.stringify(policies) !== JSON.stringify(choice.policies)) onChange({ ...choice, policies });
  }, [policies]);
  return (
    <SpaceBetween size="m">
      <FormField label={words.name} errorText={problem}>
        <Input value={choice.name} spellcheck={false} onChange={({ detail }) => onChange({ ...choice, name: detail.value.trim() })} />
      </FormField>
      <ExpandableSection headerText={words.review} defaultExpanded>
        <SpaceBetween size="s">
          <FormField label={words.permissions} stretch>
            <Loaded resource={advised}>{(value) => <AdvisedPolicies label={words.permissions} advised={value} />}</Loaded>
          </FormField>
          <FormField label={words.trust} stretch><Code label={words.trust} text={newRoleTrust(account, region)} /></FormField>
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}

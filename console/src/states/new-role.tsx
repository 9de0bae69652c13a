import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useEffect } from "react";
import { useResource } from "../aws/use-resource.ts";
import { useClients, useSession } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";
import { Loaded } from "../ui/loading.tsx";
import { generatePolicy } from "./advice.ts";
import { newRoleTrust, type RoleChoice } from "./role-choice.ts";

interface Props {
  choice: RoleChoice;
  definition: string;
  onChange: (choice: RoleChoice) => void;
  problem: string | undefined;
}

const words = texts.roleForm;

/** A role made for the state machine: shown whole before it is made. */
export function NewRole({ choice, definition, onChange, problem }: Props) {
  const { stepward } = useClients();
  const { account, region } = useSession().session;
  const policy = useResource(() => generatePolicy(stepward, definition), [stepward, definition]);
  useEffect(() => {
    if (policy.value !== undefined && policy.value !== choice.policy) onChange({ ...choice, policy: policy.value });
  }, [policy.value]);
  return (
    <SpaceBetween size="m">
      <FormField label={words.name} errorText={problem}>
        <Input value={choice.name} spellcheck={false} onChange={({ detail }) => onChange({ ...choice, name: detail.value.trim() })} />
      </FormField>
      <ExpandableSection headerText={words.review} defaultExpanded>
        <SpaceBetween size="s">
          <FormField label={words.permissions} stretch>
            <Loaded resource={policy}>{(text) => <Code label={words.permissions} text={text} />}</Loaded>
          </FormField>
          <FormField label={words.trust} stretch><Code label={words.trust} text={newRoleTrust(account, region)} /></FormField>
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}

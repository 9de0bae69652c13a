import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { texts } from "../../texts.ts";
import { JsonEditor } from "../../ui/json-editor/json-editor.tsx";
import { TagsForm } from "../../ui/tags-form.tsx";
import { roleNameProblem } from "../names.ts";
import { policyType } from "../policies.ts";
import { trustFindings } from "../trust-findings.ts";
import { FindingList } from "../finding-list.tsx";
import { SourceProtection } from "./source-protection.tsx";
import type { StepProps } from "./trusted-entity-step.tsx";

const words = texts.createRole;

export function ReviewStep({ draft, onChange, isChecked }: StepProps) {
  const findings = trustFindings(draft.trust);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{words.details}</Header>}>
        <SpaceBetween size="m">
          <FormField label={words.name} constraintText={words.nameConstraint} errorText={isChecked ? roleNameProblem(draft.name) : undefined}>
            <Input value={draft.name} spellcheck={false} onChange={({ detail }) => onChange({ ...draft, name: detail.value.trim() })} />
          </FormField>
          <FormField label={words.description} description={texts.optional}>
            <Textarea value={draft.description} rows={2} onChange={({ detail }) => onChange({ ...draft, description: detail.value })} />
          </FormField>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2" description={words.trustDescription}>{words.trustPolicy}</Header>}>
        <SpaceBetween size="m">
          <SourceProtection draft={draft} onChange={onChange} />
          <JsonEditor label={words.trustPolicy} value={draft.trust} findings={findings} onChange={(trust) => onChange({ ...draft, trust })} />
          <FindingList findings={findings} />
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">{words.permissions}</Header>}>
        <Attached draft={draft} />
      </Container>
      <Container header={<Header variant="h2" description={texts.optional}>{texts.tags.title}</Header>}>
        <TagsForm tags={draft.tags} onChange={(tags, areTagsValid) => onChange({ ...draft, tags, areTagsValid })} />
      </Container>
    </SpaceBetween>
  );
}

function Attached({ draft }: Pick<StepProps, "draft">) {
  if (draft.policies.length === 0 && !draft.generated) return <Box color="text-status-inactive">{words.noPolicies}</Box>;
  return (
    <ul>
      {draft.policies.map((policy) => <li key={policy.Arn}>{policy.PolicyName} ({policyType(policy)})</li>)}
      {draft.generated && <li>{words.generatedLine(draft.generated.name)}</li>}
    </ul>
  );
}

import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tiles from "@cloudscape-design/components/tiles";
import { texts } from "../../texts.ts";
import { JsonEditor } from "../../ui/json-editor/json-editor.tsx";
import { SERVICE_USE_CASES } from "../services.ts";
import type { EntityKind } from "../trust.ts";
import { trustFindings } from "../trust-findings.ts";
import { AccountEntity } from "./account-entity.tsx";
import { entityProblem, type RoleDraft, withEntity } from "./role-draft.ts";
import { WebIdentityEntity } from "./web-identity-entity.tsx";

export interface StepProps {
  draft: RoleDraft;
  onChange: (draft: RoleDraft) => void;
  /** Whether what is missing is pointed out already. */
  isChecked: boolean;
}

const words = texts.createRole;

export function TrustedEntityStep({ draft, onChange, isChecked }: StepProps) {
  const problem = isChecked ? entityProblem(draft) : undefined;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">{words.entityType}</Header>}>
        <Tiles
          value={draft.entity.kind}
          ariaLabel={words.entityType}
          onChange={({ detail }) => onChange(withEntity(draft, { kind: detail.value as EntityKind }))}
          items={words.entityKinds}
        />
      </Container>
      {draft.entity.kind === "service" && <ServiceEntity draft={draft} onChange={onChange} problem={problem} />}
      {draft.entity.kind === "account" && <AccountEntity draft={draft} onChange={onChange} problem={problem} />}
      {draft.entity.kind === "web" && <WebIdentityEntity draft={draft} onChange={onChange} problem={problem} />}
      {draft.entity.kind === "custom" && <CustomEntity draft={draft} onChange={onChange} problem={problem} />}
    </SpaceBetween>
  );
}

export interface EntityProps {
  draft: RoleDraft;
  onChange: (draft: RoleDraft) => void;
  problem: string | undefined;
}

function ServiceEntity({ draft, onChange, problem }: EntityProps) {
  const options = SERVICE_USE_CASES.map(({ principal, name, description }) => ({ value: principal, label: name, description, tags: [principal] }));
  return (
    <Container header={<Header variant="h2" description={words.useCaseDescription}>{words.useCase}</Header>}>
      <FormField label={words.service} errorText={problem}>
        <Select
          filteringType="auto"
          placeholder={words.chooseService}
          selectedOption={options.find(({ value }) => value === draft.entity.service) ?? null}
          options={options}
          onChange={({ detail }) => onChange(withEntity(draft, { service: detail.selectedOption.value ?? "" }))}
        />
      </FormField>
    </Container>
  );
}

function CustomEntity({ draft, onChange, problem }: EntityProps) {
  return (
    <Container header={<Header variant="h2" description={words.customDescription}>{words.custom}</Header>}>
      <SpaceBetween size="s">
        {problem && <Alert type="error">{problem}</Alert>}
        <JsonEditor
          label={words.trustPolicy}
          value={draft.entity.custom}
          findings={trustFindings(draft.entity.custom)}
          onChange={(custom) => onChange(withEntity(draft, { custom }))}
        />
      </SpaceBetween>
    </Container>
  );
}

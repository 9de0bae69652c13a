import Checkbox from "@cloudscape-design/components/checkbox";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { texts } from "../../texts.ts";
import { withEntity } from "./role-draft.ts";
import type { EntityProps } from "./trusted-entity-step.tsx";

const words = texts.createRole;

export function AccountEntity({ draft, onChange, problem }: EntityProps) {
  const { account, externalId, isMfaRequired } = draft.entity;
  return (
    <Container header={<Header variant="h2">{words.account}</Header>}>
      <SpaceBetween size="m">
        <FormField label={words.accountId} description={words.accountDescription} errorText={problem}>
          <Input value={account} inputMode="numeric" onChange={({ detail }) => onChange(withEntity(draft, { account: detail.value.trim() }))} />
        </FormField>
        <FormField label={words.externalId} description={words.externalIdDescription}>
          <Input value={externalId} onChange={({ detail }) => onChange(withEntity(draft, { externalId: detail.value }))} />
        </FormField>
        <Checkbox checked={isMfaRequired} description={words.mfaDescription} onChange={({ detail }) => onChange(withEntity(draft, { isMfaRequired: detail.checked }))}>
          {words.mfa}
        </Checkbox>
      </SpaceBetween>
    </Container>
  );
}

import { ListOpenIDConnectProvidersCommand } from "@aws-sdk/client-iam";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useResource } from "../../aws/use-resource.ts";
import { useClients } from "../../session/session.ts";
import { texts } from "../../texts.ts";
import { withEntity } from "./role-draft.ts";
import type { EntityProps } from "./trusted-entity-step.tsx";

const words = texts.createRole;

export function WebIdentityEntity({ draft, onChange, problem }: EntityProps) {
  const { iam } = useClients();
  const providers = useResource(async () => (await iam.send(new ListOpenIDConnectProvidersCommand({}))).OpenIDConnectProviderList ?? [], [iam]);
  return (
    <Container header={<Header variant="h2">{words.web}</Header>}>
      <SpaceBetween size="m">
        <FormField label={words.provider} description={words.providerDescription} errorText={problem}>
          <Autosuggest
            value={draft.entity.provider}
            options={providers.value?.map(({ Arn = "" }) => ({ value: Arn })) ?? []}
            placeholder="arn:aws:iam::111122223333:oidc-provider/token.example.com"
            empty={words.noProviders}
            enteredTextLabel={(value) => texts.use(value)}
            onChange={({ detail }) => onChange(withEntity(draft, { provider: detail.value.trim() }))}
          />
        </FormField>
        <FormField label={words.audience} description={texts.optional}>
          <Input value={draft.entity.audience} onChange={({ detail }) => onChange(withEntity(draft, { audience: detail.value.trim() }))} />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}

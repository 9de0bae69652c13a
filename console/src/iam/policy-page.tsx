import { GetPolicyCommand, GetPolicyVersionCommand, type Policy } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import type { Clients } from "../aws/clients.ts";
import { useResource } from "../aws/use-resource.ts";
import { href, type Parameters } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Arn, nameOf } from "../ui/arn.tsx";
import { Code } from "../ui/code.tsx";
import { Facts } from "../ui/facts.tsx";
import { Loaded } from "../ui/loading.tsx";
import { Page } from "../ui/page.tsx";
import { Time } from "../ui/time.tsx";
import { IdentityTags } from "./identity-tags.tsx";
import { isAwsManaged, policyType } from "./policies.ts";
import { PolicyEntities } from "./policy-entities.tsx";
import { PolicyVersions } from "./policy-versions.tsx";
import { decodeDocument } from "./trust.ts";

const words = texts.policy;

export default function PolicyPage({ parameters }: { parameters: Parameters }) {
  const { iam } = useClients();
  const arn = parameters["arn"] ?? "";
  const policy = useResource(() => load(iam, arn), [iam, arn]);
  return (
    <Page
      title={nameOf(arn)}
      crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }, { text: texts.policies.title, href: "#/iam/policies" }]}
      actions={!isAwsManaged({ Arn: arn }) && <Button href={href(["iam", "policies", arn, "edit"])}>{texts.action.edit}</Button>}
    >
      <Loaded resource={policy}>{({ facts, document }) => <Details policy={facts} document={document} reload={policy.reload} />}</Loaded>
    </Page>
  );
}

export async function load(iam: Clients["iam"], PolicyArn: string): Promise<{ facts: Policy; document: string }> {
  const facts = (await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy ?? {};
  const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: facts.DefaultVersionId }));
  return { facts, document: decodeDocument(version.PolicyVersion?.Document) };
}

function Details({ policy, document, reload }: { policy: Policy; document: string; reload: () => void }) {
  const arn = policy.Arn ?? "";
  const isOwn = !isAwsManaged(policy);
  return (
    <SpaceBetween size="l">
      <Facts
        title={texts.role.summary}
        facts={[
          [texts.role.arn, <Arn arn={arn} />],
          [texts.policies.type, policyType(policy)],
          [words.version, policy.DefaultVersionId],
          [texts.role.created, <Time at={policy.CreateDate} />],
          [words.changed, <Time at={policy.UpdateDate} />],
          [texts.role.description, policy.Description ?? "–"],
        ]}
      />
      <Tabs
        tabs={[
          { id: "document", label: words.document, content: <Container header={<Header variant="h2">{words.document}</Header>}><Code label={words.document} text={document} /></Container> },
          { id: "entities", label: words.entities, content: <PolicyEntities arn={arn} /> },
          { id: "versions", label: words.versions, content: <PolicyVersions arn={arn} isOwn={isOwn} onChanged={reload} /> },
          ...(isOwn ? [{ id: "tags", label: texts.tags.title, content: <IdentityTags kind="policies" name={arn} tags={policy.Tags ?? []} onChanged={reload} /> }] : []),
        ]}
      />
    </SpaceBetween>
  );
}

import { GetRoleCommand, type Role } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useResource } from "../aws/use-resource.ts";
import { href, navigate, type Parameters } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Arn } from "../ui/arn.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { Facts } from "../ui/facts.tsx";
import { Loaded } from "../ui/loading.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { ago, Time } from "../ui/time.tsx";
import { BoundarySection } from "./boundary-section.tsx";
import { deleteRoleWhole } from "./delete-role.ts";
import { IdentityTags } from "./identity-tags.tsx";
import { LastAccessedTab } from "./last-accessed-tab.tsx";
import { PermissionsTab } from "./permissions-tab.tsx";
import { SuggestionTab } from "./suggestion-tab.tsx";
import { TrustTab } from "./trust-tab.tsx";

const words = texts.role;

export default function RolePage({ parameters }: { parameters: Parameters }) {
  const { iam } = useClients();
  const notify = useNotify();
  const RoleName = parameters["name"] ?? "";
  const [isDeleting, setDeleting] = useState(false);
  const role = useResource(async () => (await iam.send(new GetRoleCommand({ RoleName }))).Role, [iam, RoleName]);
  const remove = async () => {
    await deleteRoleWhole(iam, RoleName);
    notify(texts.done.deleted(texts.roles.one, RoleName));
    navigate(href(["iam", "roles"]));
  };
  return (
    <Page
      title={RoleName}
      crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }, { text: texts.roles.title, href: "#/iam/roles" }]}
      actions={<><Button href={href(["iam", "simulator"], { principal: role.value?.Arn ?? "" })}>{words.simulate}</Button><Button onClick={() => setDeleting(true)}>{texts.action.delete}</Button></>}
    >
      <Loaded resource={role}>{(value) => value && <Details role={value} reload={role.reload} />}</Loaded>
      {isDeleting && <Confirm header={texts.confirm.delete(texts.roles.one, RoleName)} text={texts.roles.deleteText} button={texts.action.delete} typed={RoleName} onConfirm={remove} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

function Details({ role, reload }: { role: Role; reload: () => void }) {
  const identity = { kind: "roles", name: role.RoleName ?? "" } as const;
  const permissions = (
    <SpaceBetween size="l">
      <PermissionsTab identity={identity} />
      <BoundarySection identity={identity} boundary={role.PermissionsBoundary?.PermissionsBoundaryArn} onChanged={reload} />
    </SpaceBetween>
  );
  return (
    <SpaceBetween size="l">
      <Facts
        title={words.summary}
        facts={[
          [words.arn, <Arn arn={role.Arn} />],
          [words.created, <Time at={role.CreateDate} />],
          [words.lastActivity, role.RoleLastUsed?.LastUsedDate ? ago(role.RoleLastUsed.LastUsedDate) : texts.roles.noActivity],
          [words.description, role.Description ?? "–"],
          [words.session, words.seconds(role.MaxSessionDuration ?? 3600)],
        ]}
      />
      <Tabs
        tabs={[
          { id: "permissions", label: words.permissions, content: permissions },
          { id: "trust", label: words.trust, content: <TrustTab role={role} onChanged={reload} /> },
          { id: "tags", label: texts.tags.title, content: <IdentityTags kind="roles" name={identity.name} tags={role.Tags ?? []} onChanged={reload} /> },
          { id: "accessed", label: words.lastAccessed, content: <LastAccessedTab arn={role.Arn ?? ""} /> },
          { id: "suggestion", label: words.suggestion, content: <SuggestionTab role={role} /> },
        ]}
      />
    </SpaceBetween>
  );
}

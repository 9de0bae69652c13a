import { GetUserCommand, type User } from "@aws-sdk/client-iam";
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
import { Time } from "../ui/time.tsx";
import { AccessKeys } from "./access-keys.tsx";
import { BoundarySection } from "./boundary-section.tsx";
import { deleteUserWhole } from "./delete-user.ts";
import { IdentityTags } from "./identity-tags.tsx";
import { LastAccessedTab } from "./last-accessed-tab.tsx";
import { PermissionsTab } from "./permissions-tab.tsx";
import { UserGroups } from "./user-groups.tsx";

export default function UserPage({ parameters }: { parameters: Parameters }) {
  const { iam } = useClients();
  const notify = useNotify();
  const UserName = parameters["name"] ?? "";
  const [isDeleting, setDeleting] = useState(false);
  const user = useResource(async () => (await iam.send(new GetUserCommand({ UserName }))).User, [iam, UserName]);
  const remove = async () => {
    await deleteUserWhole(iam, UserName);
    notify(texts.done.deleted(texts.users.one, UserName));
    navigate(href(["iam", "users"]));
  };
  return (
    <Page title={UserName} crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }, { text: texts.users.title, href: "#/iam/users" }]} actions={<Button onClick={() => setDeleting(true)}>{texts.action.delete}</Button>}>
      <Loaded resource={user}>{(value) => value && <Details user={value} reload={user.reload} />}</Loaded>
      {isDeleting && <Confirm header={texts.confirm.delete(texts.users.one, UserName)} text={texts.users.deleteText} button={texts.action.delete} typed={UserName} onConfirm={remove} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

function Details({ user, reload }: { user: User; reload: () => void }) {
  const name = user.UserName ?? "";
  const identity = { kind: "users", name } as const;
  const permissions = (
    <SpaceBetween size="l">
      <PermissionsTab identity={identity} />
      <BoundarySection identity={identity} boundary={user.PermissionsBoundary?.PermissionsBoundaryArn} onChanged={reload} />
    </SpaceBetween>
  );
  return (
    <SpaceBetween size="l">
      <Facts title={texts.role.summary} facts={[[texts.role.arn, <Arn arn={user.Arn} />], [texts.role.created, <Time at={user.CreateDate} />], [texts.users.path, user.Path]]} />
      <Tabs
        tabs={[
          { id: "permissions", label: texts.role.permissions, content: permissions },
          { id: "groups", label: texts.groups.title, content: <UserGroups name={name} /> },
          { id: "keys", label: texts.accessKeys.title, content: <AccessKeys name={name} /> },
          { id: "tags", label: texts.tags.title, content: <IdentityTags kind="users" name={name} tags={user.Tags ?? []} onChanged={reload} /> },
          { id: "accessed", label: texts.role.lastAccessed, content: <LastAccessedTab arn={user.Arn ?? ""} /> },
        ]}
      />
    </SpaceBetween>
  );
}

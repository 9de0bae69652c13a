import { DeleteGroupCommand, GetGroupCommand, RemoveUserFromGroupCommand, type User } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import Tabs from "@cloudscape-design/components/tabs";
import { useState } from "react";
import { useResource } from "../aws/use-resource.ts";
import { href, navigate, type Parameters } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Failure } from "../ui/failure.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { heldPolicies, removePolicy } from "./identities.ts";
import { PermissionsTab } from "./permissions-tab.tsx";

const words = texts.groups;

export default function GroupPage({ parameters }: { parameters: Parameters }) {
  const { iam } = useClients();
  const notify = useNotify();
  const GroupName = parameters["name"] ?? "";
  const [isDeleting, setDeleting] = useState(false);
  const users = useResource(async () => (await iam.send(new GetGroupCommand({ GroupName, MaxItems: 1000 }))).Users ?? [], [iam, GroupName]);
  const remove = async () => {
    const identity = { kind: "groups", name: GroupName } as const;
    for (const policy of await heldPolicies(iam, identity)) await removePolicy(iam, identity, policy);
    for (const { UserName } of users.value ?? []) await iam.send(new RemoveUserFromGroupCommand({ GroupName, UserName }));
    await iam.send(new DeleteGroupCommand({ GroupName }));
    notify(texts.done.deleted(words.one, GroupName));
    navigate(href(["iam", "groups"]));
  };
  if (users.error !== undefined) return <Page title={GroupName} crumbs={[{ text: words.title, href: "#/iam/groups" }]}><Failure error={users.error} onRetry={users.reload} /></Page>;
  const members = (
    <ResourceTable
      title={texts.users.title}
      resource={users}
      columns={[{ id: "name", header: texts.users.name, isRowHeader: true, cell: ({ UserName = "" }: User) => <Link href={href(["iam", "users", UserName])}>{UserName}</Link> }]}
      keyOf={({ UserName = "" }) => UserName}
      searchable={({ UserName = "" }) => UserName}
      emptyText={words.noUsers}
    />
  );
  return (
    <Page title={GroupName} crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }, { text: words.title, href: "#/iam/groups" }]} actions={<Button onClick={() => setDeleting(true)}>{texts.action.delete}</Button>}>
      <Tabs
        tabs={[
          { id: "users", label: texts.users.title, content: members },
          { id: "permissions", label: texts.role.permissions, content: <PermissionsTab identity={{ kind: "groups", name: GroupName }} /> },
        ]}
      />
      {isDeleting && <Confirm header={texts.confirm.delete(words.one, GroupName)} text={words.deleteText} button={texts.action.delete} typed={GroupName} onConfirm={remove} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

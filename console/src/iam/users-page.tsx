import { CreateUserCommand, ListUsersCommand, type User } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { useState } from "react";
import { allPages } from "../aws/pages.ts";
import { useResource } from "../aws/use-resource.ts";
import { href, navigate } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { useNotify } from "../ui/notices.tsx";
import { NameDialog } from "../ui/name-dialog.tsx";
import { Page } from "../ui/page.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { ago, Time } from "../ui/time.tsx";
import { userNameProblem } from "./names.ts";

const words = texts.users;

export default function UsersPage() {
  const { iam } = useClients();
  const notify = useNotify();
  const [isCreating, setCreating] = useState(false);
  const users = useResource(() => allPages(async (Marker) => {
    const page = await iam.send(new ListUsersCommand({ Marker, MaxItems: 1000 }));
    return { items: page.Users, next: page.IsTruncated ? page.Marker : undefined };
  }), [iam]);
  const create = async (UserName: string) => {
    await iam.send(new CreateUserCommand({ UserName }));
    notify(texts.done.created(words.one, UserName));
    navigate(href(["iam", "users", UserName]));
  };
  const button = <Button variant="primary" onClick={() => setCreating(true)}>{words.create}</Button>;
  return (
    <Page title={words.title} description={words.description} crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }]}>
      <ResourceTable
        title={words.title}
        resource={users}
        columns={[
          { id: "name", header: words.name, isRowHeader: true, sortingField: "UserName", cell: ({ UserName = "" }: User) => <Link href={href(["iam", "users", UserName])}>{UserName}</Link> },
          { id: "path", header: words.path, cell: ({ Path }: User) => Path },
          { id: "used", header: words.used, cell: ({ PasswordLastUsed }: User) => (PasswordLastUsed ? ago(PasswordLastUsed) : "–") },
          { id: "created", header: texts.role.created, cell: ({ CreateDate }: User) => <Time at={CreateDate} /> },
        ]}
        keyOf={({ UserName = "" }) => UserName}
        searchable={({ UserName = "", Arn = "" }) => `${UserName} ${Arn}`}
        emptyText={words.empty}
        emptyAction={button}
        actions={<><Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={users.reload} />{button}</>}
      />
      {isCreating && <NameDialog header={words.create} label={words.name} problem={userNameProblem} button={words.create} onSubmit={create} onClose={() => setCreating(false)} />}
    </Page>
  );
}

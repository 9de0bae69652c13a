import { CreateGroupCommand, type Group, ListGroupsCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { useState } from "react";
import { allPages } from "../aws/pages.ts";
import { useResource } from "../aws/use-resource.ts";
import { href, navigate } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { NameDialog } from "../ui/name-dialog.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";
import { groupNameProblem } from "./names.ts";

const words = texts.groups;

export default function GroupsPage() {
  const { iam } = useClients();
  const notify = useNotify();
  const [isCreating, setCreating] = useState(false);
  const groups = useResource(() => allPages(async (Marker) => {
    const page = await iam.send(new ListGroupsCommand({ Marker, MaxItems: 1000 }));
    return { items: page.Groups, next: page.IsTruncated ? page.Marker : undefined };
  }), [iam]);
  const create = async (GroupName: string) => {
    await iam.send(new CreateGroupCommand({ GroupName }));
    notify(texts.done.created(words.one, GroupName));
    navigate(href(["iam", "groups", GroupName]));
  };
  const button = <Button variant="primary" onClick={() => setCreating(true)}>{words.create}</Button>;
  return (
    <Page title={words.title} description={words.description} crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }]}>
      <ResourceTable
        title={words.title}
        resource={groups}
        columns={[
          { id: "name", header: words.name, isRowHeader: true, sortingField: "GroupName", cell: ({ GroupName = "" }: Group) => <Link href={href(["iam", "groups", GroupName])}>{GroupName}</Link> },
          { id: "created", header: texts.role.created, cell: ({ CreateDate }: Group) => <Time at={CreateDate} /> },
        ]}
        keyOf={({ GroupName = "" }) => GroupName}
        searchable={({ GroupName = "" }) => GroupName}
        emptyText={words.empty}
        emptyAction={button}
        actions={<><Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={groups.reload} />{button}</>}
      />
      {isCreating && <NameDialog header={words.create} label={words.name} problem={groupNameProblem} button={words.create} onSubmit={create} onClose={() => setCreating(false)} />}
    </Page>
  );
}

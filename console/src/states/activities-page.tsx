import { type ActivityListItem, CreateActivityCommand, DeleteActivityCommand, ListActivitiesCommand } from "@aws-sdk/client-sfn";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { allPages } from "../aws/pages.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Arn } from "../ui/arn.tsx";
import { Confirm } from "../ui/confirm.tsx";
import { NameDialog } from "../ui/name-dialog.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";

const words = texts.activities;

export default function ActivitiesPage() {
  const { sfn } = useClients();
  const notify = useNotify();
  const [selected, setSelected] = useState<ActivityListItem[]>([]);
  const [open, setOpen] = useState<"create" | "delete">();
  const activities = useResource(() => allPages(async (nextToken) => {
    const page = await sfn.send(new ListActivitiesCommand({ nextToken, maxResults: 1000 }));
    return { items: page.activities, next: page.nextToken };
  }), [sfn]);
  const chosen = selected[0];
  const create = async (name: string) => {
    await sfn.send(new CreateActivityCommand({ name }));
    notify(texts.done.created(words.one, name));
    activities.reload();
  };
  const remove = async () => {
    await sfn.send(new DeleteActivityCommand({ activityArn: chosen?.activityArn }));
    notify(texts.done.deleted(words.one, chosen?.name ?? ""));
    setSelected([]);
    activities.reload();
  };
  const button = <Button variant="primary" onClick={() => setOpen("create")}>{words.create}</Button>;
  return (
    <Page title={words.title} description={words.description} crumbs={[{ text: texts.navigation.stepFunctions, href: "#/states/machines" }]}>
      <ResourceTable
        title={words.title}
        resource={activities}
        columns={[
          { id: "name", header: texts.machines.name, isRowHeader: true, sortingField: "name", cell: ({ name }: ActivityListItem) => name },
          { id: "arn", header: "ARN", cell: ({ activityArn }: ActivityListItem) => <Arn arn={activityArn} /> },
          { id: "created", header: texts.role.created, cell: ({ creationDate }: ActivityListItem) => <Time at={creationDate} /> },
        ]}
        keyOf={({ activityArn = "" }) => activityArn}
        searchable={({ name = "" }) => name}
        emptyText={words.empty}
        emptyAction={button}
        selected={selected}
        onSelect={setSelected}
        actions={<><Button disabled={!chosen} onClick={() => setOpen("delete")}>{texts.action.delete}</Button>{button}</>}
      />
      {open === "create" && <NameDialog header={words.create} label={texts.machines.name} button={words.create} problem={(name) => (/^[\w-]{1,80}$/.test(name) ? undefined : texts.createMachine.nameWrong)} onSubmit={create} onClose={() => setOpen(undefined)} />}
      {open === "delete" && chosen && <Confirm header={texts.confirm.delete(words.one, chosen.name ?? "")} text={words.deleteText} button={texts.action.delete} onConfirm={remove} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

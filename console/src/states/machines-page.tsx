import { DeleteStateMachineCommand, ListStateMachinesCommand, type StateMachineListItem } from "@aws-sdk/client-sfn";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { useState } from "react";
import { allPages } from "../aws/pages.ts";
import { useResource } from "../aws/use-resource.ts";
import { href } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Confirm } from "../ui/confirm.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";
import { StartExecution } from "./start-execution.tsx";

const words = texts.machines;

export default function MachinesPage() {
  const { sfn } = useClients();
  const notify = useNotify();
  const [selected, setSelected] = useState<StateMachineListItem[]>([]);
  const [open, setOpen] = useState<"delete" | "start">();
  const machines = useResource(() => allPages(async (nextToken) => {
    const page = await sfn.send(new ListStateMachinesCommand({ nextToken, maxResults: 1000 }));
    return { items: page.stateMachines, next: page.nextToken };
  }), [sfn]);
  const chosen = selected[0];
  const remove = async () => {
    await sfn.send(new DeleteStateMachineCommand({ stateMachineArn: chosen?.stateMachineArn }));
    notify(texts.done.deleted(words.one, chosen?.name ?? ""));
    setSelected([]);
    machines.reload();
  };
  const create = <Button variant="primary" href={href(["states", "machines", "create"])}>{words.create}</Button>;
  return (
    <Page title={words.title} description={words.description} crumbs={[{ text: texts.navigation.stepFunctions, href: "#/states/machines" }]}>
      <ResourceTable
        title={words.title}
        resource={machines}
        columns={[
          { id: "name", header: words.name, isRowHeader: true, sortingField: "name", cell: ({ name = "", stateMachineArn = "" }: StateMachineListItem) => <Link href={href(["states", "machines", stateMachineArn])}>{name}</Link> },
          { id: "type", header: words.type, sortingField: "type", cell: ({ type }: StateMachineListItem) => type },
          { id: "created", header: texts.role.created, sortingField: "creationDate", cell: ({ creationDate }: StateMachineListItem) => <Time at={creationDate} /> },
        ]}
        keyOf={({ stateMachineArn = "" }) => stateMachineArn}
        searchable={({ name = "", stateMachineArn = "" }) => `${name} ${stateMachineArn}`}
        emptyText={words.empty}
        emptyAction={create}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={machines.reload} />
            <Button disabled={!chosen} onClick={() => setOpen("start")}>{words.start}</Button>
            <Button disabled={!chosen} onClick={() => setOpen("delete")}>{texts.action.delete}</Button>
            {create}
          </>
        }
      />
      {open === "start" && chosen && <StartExecution arn={chosen.stateMachineArn ?? ""} type={chosen.type} onClose={() => setOpen(undefined)} />}
      {open === "delete" && chosen && <Confirm header={texts.confirm.delete(words.one, chosen.name ?? "")} text={words.deleteText} button={texts.action.delete} typed={chosen.name ?? ""} onConfirm={remove} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

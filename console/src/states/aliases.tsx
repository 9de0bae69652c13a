import { DeleteStateMachineAliasCommand, ListStateMachineAliasesCommand, type StateMachineAliasListItem, type StateMachineType } from "@aws-sdk/client-sfn";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";
import { CreateAlias } from "./create-alias.tsx";
import { StartExecution } from "./start-execution.tsx";

interface Props {
  arn: string;
  type: StateMachineType | undefined;
}

const words = texts.aliases;

export function Aliases({ arn, type }: Props) {
  const { sfn } = useClients();
  const [selected, setSelected] = useState<StateMachineAliasListItem[]>([]);
  const [open, setOpen] = useState<"create" | "start">();
  const action = useAction();
  const aliases = useResource(async () => (await sfn.send(new ListStateMachineAliasesCommand({ stateMachineArn: arn, maxResults: 1000 }))).stateMachineAliases ?? [], [sfn, arn]);
  const chosen = selected[0]?.stateMachineAliasArn;
  const remove = () => void action.run(async () => {
    await sfn.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn: chosen }));
    setSelected([]);
    aliases.reload();
  });
  return (
    <SpaceBetween size="m">
      <Failure error={action.error} />
      <ResourceTable
        title={words.title}
        resource={aliases}
        columns={[
          { id: "name", header: words.one, isRowHeader: true, cell: ({ stateMachineAliasArn }: StateMachineAliasListItem) => stateMachineAliasArn?.split(":").pop() },
          { id: "created", header: texts.role.created, cell: ({ creationDate }: StateMachineAliasListItem) => <Time at={creationDate} /> },
        ]}
        keyOf={({ stateMachineAliasArn = "" }) => stateMachineAliasArn}
        searchable={({ stateMachineAliasArn = "" }) => stateMachineAliasArn}
        emptyText={words.empty}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button disabled={!chosen} loading={action.isRunning} onClick={remove}>{texts.action.delete}</Button>
            <Button disabled={!chosen} onClick={() => setOpen("start")}>{texts.machines.start}</Button>
            <Button variant="primary" onClick={() => setOpen("create")}>{words.create}</Button>
          </>
        }
      />
      {open === "create" && <CreateAlias arn={arn} onDone={aliases.reload} onClose={() => setOpen(undefined)} />}
      {open === "start" && chosen && <StartExecution arn={chosen} type={type} onClose={() => setOpen(undefined)} />}
    </SpaceBetween>
  );
}

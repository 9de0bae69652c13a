import {
  DeleteStateMachineAliasCommand, DescribeStateMachineAliasCommand, type DescribeStateMachineAliasOutput, ListStateMachineAliasesCommand, type StateMachineType,
} from "@aws-sdk/client-sfn";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import type { Clients } from "../aws/clients.ts";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";
import { AliasForm } from "./alias-form.tsx";
import { StartExecution } from "./start-execution.tsx";

interface Props {
  arn: string;
  type: StateMachineType | undefined;
}

const words = texts.aliases;

export function Aliases({ arn, type }: Props) {
  const { sfn } = useClients();
  const [selected, setSelected] = useState<DescribeStateMachineAliasOutput[]>([]);
  const [open, setOpen] = useState<"create" | "edit" | "start">();
  const action = useAction();
  const aliases = useResource(() => load(sfn, arn), [sfn, arn]);
  const chosen = selected[0]?.stateMachineAliasArn;
  const remove = () => void action.run(async () => {
    await sfn.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn: chosen }));
    changed();
  });
  const changed = () => {
    setSelected([]);
    aliases.reload();
  };
  return (
    <SpaceBetween size="m">
      <Failure error={action.error} />
      <ResourceTable
        title={words.title}
        resource={aliases}
        columns={[
          { id: "name", header: words.one, isRowHeader: true, cell: ({ stateMachineAliasArn }: DescribeStateMachineAliasOutput) => stateMachineAliasArn?.split(":").pop() },
          { id: "routes", header: words.routes, cell: (alias: DescribeStateMachineAliasOutput) => routes(alias) },
          { id: "created", header: texts.role.created, cell: ({ creationDate }: DescribeStateMachineAliasOutput) => <Time at={creationDate} /> },
        ]}
        keyOf={({ stateMachineAliasArn = "" }) => stateMachineAliasArn}
        searchable={({ stateMachineAliasArn = "" }) => stateMachineAliasArn}
        emptyText={words.empty}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button disabled={!chosen} loading={action.isRunning} onClick={remove}>{texts.action.delete}</Button>
            <Button disabled={!chosen} onClick={() => setOpen("edit")}>{texts.action.edit}</Button>
            <Button disabled={!chosen} onClick={() => setOpen("start")}>{texts.machines.start}</Button>
            <Button variant="primary" onClick={() => setOpen("create")}>{words.create}</Button>
          </>
        }
      />
      {open === "create" && <AliasForm arn={arn} onDone={aliases.reload} onClose={() => setOpen(undefined)} />}
      {open === "edit" && chosen && <AliasForm arn={arn} alias={selected[0]} onDone={changed} onClose={() => setOpen(undefined)} />}
      {open === "start" && chosen && <StartExecution arn={chosen} type={type} onClose={() => setOpen(undefined)} />}
    </SpaceBetween>
  );
}

/** Aliases with where they lead, which the list does not say. */
async function load(sfn: Clients["sfn"], stateMachineArn: string): Promise<DescribeStateMachineAliasOutput[]> {
  const { stateMachineAliases = [] } = await sfn.send(new ListStateMachineAliasesCommand({ stateMachineArn, maxResults: 1000 }));
  return Promise.all(stateMachineAliases.map(({ stateMachineAliasArn }) => sfn.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn }))));
}

function routes({ routingConfiguration = [] }: DescribeStateMachineAliasOutput): string {
  return routingConfiguration.map(({ stateMachineVersionArn, weight = 0 }) => words.route(stateMachineVersionArn?.split(":").pop() ?? "", weight)).join(", ");
}

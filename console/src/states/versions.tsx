import {
  DeleteStateMachineVersionCommand, ListStateMachineVersionsCommand, PublishStateMachineVersionCommand, type StateMachineType, type StateMachineVersionListItem,
} from "@aws-sdk/client-sfn";
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
import { StartExecution } from "./start-execution.tsx";

interface Props {
  arn: string;
  type: StateMachineType | undefined;
}

const words = texts.versions;

export function Versions({ arn, type }: Props) {
  const { sfn } = useClients();
  const [selected, setSelected] = useState<StateMachineVersionListItem[]>([]);
  const [isStarting, setStarting] = useState(false);
  const action = useAction();
  const versions = useResource(async () => (await sfn.send(new ListStateMachineVersionsCommand({ stateMachineArn: arn, maxResults: 1000 }))).stateMachineVersions ?? [], [sfn, arn]);
  const chosen = selected[0]?.stateMachineVersionArn;
  const change = (act: () => Promise<unknown>) => void action.run(async () => {
    await act();
    setSelected([]);
    versions.reload();
  });
  return (
    <SpaceBetween size="m">
      <Failure error={action.error} />
      <ResourceTable
        title={words.title}
        resource={versions}
        columns={[
          { id: "version", header: words.one, isRowHeader: true, cell: ({ stateMachineVersionArn }: StateMachineVersionListItem) => stateMachineVersionArn?.split(":").pop() },
          { id: "created", header: texts.role.created, cell: ({ creationDate }: StateMachineVersionListItem) => <Time at={creationDate} /> },
        ]}
        keyOf={({ stateMachineVersionArn = "" }) => stateMachineVersionArn}
        searchable={({ stateMachineVersionArn = "" }) => stateMachineVersionArn}
        emptyText={words.empty}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button disabled={!chosen} onClick={() => change(() => sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: chosen })))}>{texts.action.delete}</Button>
            <Button disabled={!chosen} onClick={() => setStarting(true)}>{texts.machines.start}</Button>
            <Button variant="primary" loading={action.isRunning} onClick={() => change(() => sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn: arn })))}>{words.publish}</Button>
          </>
        }
      />
      {isStarting && chosen && <StartExecution arn={chosen} type={type} onClose={() => setStarting(false)} />}
    </SpaceBetween>
  );
}

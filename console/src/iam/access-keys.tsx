import {
  type AccessKey, type AccessKeyMetadata, CreateAccessKeyCommand, DeleteAccessKeyCommand, ListAccessKeysCommand, UpdateAccessKeyCommand,
} from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Failure } from "../ui/failure.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";
import { NewAccessKey } from "./new-access-key.tsx";

const words = texts.accessKeys;

export function AccessKeys({ name }: { name: string }) {
  const { iam } = useClients();
  const [selected, setSelected] = useState<AccessKeyMetadata[]>([]);
  const [made, setMade] = useState<AccessKey>();
  const [isDeleting, setDeleting] = useState(false);
  const action = useAction();
  const keys = useResource(async () => (await iam.send(new ListAccessKeysCommand({ UserName: name }))).AccessKeyMetadata ?? [], [iam, name]);
  const chosen = selected[0];
  const id = { UserName: name, AccessKeyId: chosen?.AccessKeyId };
  const change = async (act: () => Promise<unknown>) => {
    await act();
    setSelected([]);
    keys.reload();
  };
  const create = () => void action.run(() => change(async () => setMade((await iam.send(new CreateAccessKeyCommand({ UserName: name }))).AccessKey)));
  const toggle = () => void action.run(() => change(() => iam.send(new UpdateAccessKeyCommand({ ...id, Status: chosen?.Status === "Active" ? "Inactive" : "Active" }))));
  return (
    <SpaceBetween size="m">
      <Failure error={action.error} />
      {made && <NewAccessKey accessKey={made} />}
      <ResourceTable
        title={words.title}
        resource={keys}
        columns={[
          { id: "id", header: words.id, isRowHeader: true, cell: ({ AccessKeyId }: AccessKeyMetadata) => AccessKeyId },
          { id: "status", header: words.status, cell: ({ Status }: AccessKeyMetadata) => <StatusIndicator type={Status === "Active" ? "success" : "stopped"}>{Status}</StatusIndicator> },
          { id: "created", header: texts.role.created, cell: ({ CreateDate }: AccessKeyMetadata) => <Time at={CreateDate} /> },
        ]}
        keyOf={({ AccessKeyId = "" }) => AccessKeyId}
        searchable={({ AccessKeyId = "" }) => AccessKeyId}
        emptyText={words.empty}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button disabled={!chosen} onClick={() => setDeleting(true)}>{texts.action.delete}</Button>
            <Button disabled={!chosen} onClick={toggle}>{chosen?.Status === "Inactive" ? words.activate : words.deactivate}</Button>
            <Button variant="primary" loading={action.isRunning} onClick={create}>{words.create}</Button>
          </>
        }
      />
      {isDeleting && chosen && (
        <Confirm header={texts.confirm.delete(words.one, chosen.AccessKeyId ?? "")} text={words.deleteText} button={texts.action.delete} typed={chosen.AccessKeyId ?? ""} onConfirm={() => change(() => iam.send(new DeleteAccessKeyCommand(id)))} onClose={() => setDeleting(false)} />
      )}
    </SpaceBetween>
  );
}

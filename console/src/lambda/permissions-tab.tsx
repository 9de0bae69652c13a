import { AddPermissionCommand, GetPolicyCommand, RemovePermissionCommand } from "@aws-sdk/client-lambda";
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
import { AddPermission, type Grant } from "./add-permission.tsx";

interface Statement {
  Sid: string;
  Effect: string;
  Action: string;
  Principal: unknown;
  Condition?: unknown;
}

const words = texts.functions;

/** The resource-based policy: who may call the function from outside of its account's policies. */
export function PermissionsTab({ name }: { name: string }) {
  const { lambda } = useClients();
  const [selected, setSelected] = useState<Statement[]>([]);
  const [isAdding, setAdding] = useState(false);
  const action = useAction();
  const statements = useResource(() => statementsOf(lambda, name), [lambda, name]);
  const add = async ({ sid, principal, action: allowed, sourceArn }: Grant) => {
    await lambda.send(new AddPermissionCommand({ FunctionName: name, StatementId: sid, Principal: principal, Action: allowed, ...(sourceArn && { SourceArn: sourceArn }) }));
    statements.reload();
  };
  const remove = () => void action.run(async () => {
    await lambda.send(new RemovePermissionCommand({ FunctionName: name, StatementId: selected[0]?.Sid }));
    setSelected([]);
    statements.reload();
  });
  return (
    <SpaceBetween size="m">
      <Failure error={action.error} />
      <ResourceTable
        title={words.permissions}
        description={words.permissionsDescription}
        resource={statements}
        columns={[
          { id: "sid", header: words.sid, isRowHeader: true, cell: ({ Sid }: Statement) => Sid },
          { id: "principal", header: words.principal, cell: ({ Principal }: Statement) => JSON.stringify(Principal) },
          { id: "action", header: words.action, cell: ({ Action }: Statement) => Action },
          { id: "condition", header: words.condition, cell: ({ Condition }: Statement) => (Condition ? JSON.stringify(Condition) : "–") },
        ]}
        keyOf={({ Sid }) => Sid}
        searchable={(statement) => JSON.stringify(statement)}
        emptyText={words.noPermissions}
        selected={selected}
        onSelect={setSelected}
        actions={<><Button disabled={!selected[0]} loading={action.isRunning} onClick={remove}>{texts.action.remove}</Button><Button onClick={() => setAdding(true)}>{words.addPermission}</Button></>}
      />
      {isAdding && <AddPermission onAdd={add} onClose={() => setAdding(false)} />}
    </SpaceBetween>
  );
}

async function statementsOf(lambda: Clients["lambda"], FunctionName: string): Promise<Statement[]> {
  try {
    const { Policy = "{}" } = await lambda.send(new GetPolicyCommand({ FunctionName }));
    return (JSON.parse(Policy) as { Statement?: Statement[] }).Statement ?? [];
  } catch (error) {
    // AWS: a function without a policy answers that the resource is not found.
    if (error instanceof Error && error.name === "ResourceNotFoundException") return [];
    throw error;
  }
}

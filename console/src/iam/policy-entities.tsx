import { ListEntitiesForPolicyCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { useState } from "react";
import { useResource } from "../aws/use-resource.ts";
import { href } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { useNotify } from "../ui/notices.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { AttachEntity } from "./attach-entity.tsx";
import { type Identity, removePolicy } from "./identities.ts";

const words = texts.policy;

/** Who holds a policy. */
export function PolicyEntities({ arn }: { arn: string }) {
  const { iam } = useClients();
  const notify = useNotify();
  const [selected, setSelected] = useState<Identity[]>([]);
  const [isAttaching, setAttaching] = useState(false);
  const entities = useResource(async (): Promise<Identity[]> => {
    const found = await iam.send(new ListEntitiesForPolicyCommand({ PolicyArn: arn, MaxItems: 1000 }));
    return [
      ...(found.PolicyRoles ?? []).map(({ RoleName = "" }) => ({ kind: "roles" as const, name: RoleName })),
      ...(found.PolicyUsers ?? []).map(({ UserName = "" }) => ({ kind: "users" as const, name: UserName })),
      ...(found.PolicyGroups ?? []).map(({ GroupName = "" }) => ({ kind: "groups" as const, name: GroupName })),
    ];
  }, [iam, arn]);
  const detach = async () => {
    for (const identity of selected) await removePolicy(iam, identity, { name: "", arn });
    notify(texts.done.removed(selected.map(({ name }) => name).join(", ")));
    setSelected([]);
    entities.reload();
  };
  return (
    <>
      <ResourceTable
        title={words.entities}
        resource={entities}
        columns={[
          { id: "name", header: texts.roles.nameColumn, isRowHeader: true, cell: ({ kind, name }: Identity) => <Link href={href(["iam", kind, name])}>{name}</Link> },
          { id: "kind", header: texts.policies.type, cell: ({ kind }: Identity) => texts.navigation[kind] },
        ]}
        keyOf={({ kind, name }) => `${kind}/${name}`}
        searchable={({ name }) => name}
        emptyText={words.noEntities}
        selected={selected}
        onSelect={setSelected}
        selectionType="multi"
        actions={<><Button disabled={selected.length === 0} onClick={() => void detach().catch((error: unknown) => notify(String(error), "warning"))}>{words.detach}</Button><Button onClick={() => setAttaching(true)}>{words.attach}</Button></>}
      />
      {isAttaching && <AttachEntity arn={arn} onDone={entities.reload} onClose={() => setAttaching(false)} />}
    </>
  );
}

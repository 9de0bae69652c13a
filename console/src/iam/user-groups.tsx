import { AddUserToGroupCommand, type Group, ListGroupsCommand, ListGroupsForUserCommand, RemoveUserFromGroupCommand } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { href } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";

const words = texts.groups;

/** The groups that a user is in. */
export function UserGroups({ name }: { name: string }) {
  const { iam } = useClients();
  const [selected, setSelected] = useState<Group[]>([]);
  const action = useAction();
  const groups = useResource(async () => (await iam.send(new ListGroupsForUserCommand({ UserName: name }))).Groups ?? [], [iam, name]);
  const all = useResource(async () => (await iam.send(new ListGroupsCommand({ MaxItems: 1000 }))).Groups ?? [], [iam]);
  const change = (act: () => Promise<unknown>) => void action.run(async () => {
    await act();
    setSelected([]);
    groups.reload();
  });
  const others = (all.value ?? []).filter(({ GroupName }) => !groups.value?.some((group) => group.GroupName === GroupName));
  return (
    <SpaceBetween size="m">
      <Failure error={action.error} />
      <ResourceTable
        title={words.title}
        resource={groups}
        columns={[{ id: "name", header: words.name, isRowHeader: true, cell: ({ GroupName = "" }: Group) => <Link href={href(["iam", "groups", GroupName])}>{GroupName}</Link> }]}
        keyOf={({ GroupName = "" }) => GroupName}
        searchable={({ GroupName = "" }) => GroupName}
        emptyText={words.noneOfUser}
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button disabled={!selected[0]} onClick={() => change(() => iam.send(new RemoveUserFromGroupCommand({ UserName: name, GroupName: selected[0]?.GroupName })))}>{texts.action.remove}</Button>
            <ButtonDropdown items={others.map(({ GroupName = "" }) => ({ id: GroupName, text: GroupName }))} disabled={others.length === 0} onItemClick={({ detail }) => change(() => iam.send(new AddUserToGroupCommand({ UserName: name, GroupName: detail.id })))}>
              {words.addTo}
            </ButtonDropdown>
          </>
        }
      />
    </SpaceBetween>
  );
}

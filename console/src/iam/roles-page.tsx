import { ListRolesCommand, type Role } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import Select from "@cloudscape-design/components/select";
import { useMemo, useState } from "react";
import { allPages } from "../aws/pages.ts";
import { useResource } from "../aws/use-resource.ts";
import { href } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { Time } from "../ui/time.tsx";
import { deleteRoleWhole } from "./delete-role.ts";
import { Confirm } from "../ui/confirm.tsx";
import { lastActivity, type LastActivity } from "./last-activity.ts";
import { principalName } from "./services.ts";
import { decodeDocument, trustedEntities, trustedServices } from "./trust.ts";

interface Row {
  role: Role;
  entities: string[];
  services: string[];
}

const words = texts.roles;
const ANY = { value: "", label: words.anyService };

export default function RolesPage() {
  const { iam } = useClients();
  const notify = useNotify();
  const [selected, setSelected] = useState<Row[]>([]);
  const [service, setService] = useState(ANY);
  const [isDeleting, setDeleting] = useState(false);
  const roles = useResource(async () => {
    const found = await allPages(async (Marker) => {
      const page = await iam.send(new ListRolesCommand({ Marker, MaxItems: 1000 }));
      return { items: page.Roles, next: page.IsTruncated ? page.Marker : undefined };
    });
    return found.map(toRow);
  }, [iam]);
  const activity = useResource(() => lastActivity(iam, roles.value?.map(({ role }) => role.RoleName ?? "") ?? []), [roles.value]);
  const shown = useMemo(() => {
    const value = roles.value?.filter((row) => !service.value || row.services.includes(service.value));
    return { ...roles, value };
  }, [roles, service]);
  const services = [...new Set(roles.value?.flatMap((row) => row.services))].sort();
  const name = selected[0]?.role.RoleName ?? "";
  const remove = async () => {
    await deleteRoleWhole(iam, name);
    notify(texts.done.deleted(words.one, name));
    setSelected([]);
    roles.reload();
  };
  const create = <Button variant="primary" href={href(["iam", "roles", "create"])}>{words.create}</Button>;
  return (
    <Page title={words.title} description={words.description} crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }]}>
      <ResourceTable
        title={words.title}
        resource={shown}
        columns={columns(activity.value)}
        keyOf={({ role }) => role.RoleName ?? ""}
        searchable={({ role, entities }) => [role.RoleName, role.Arn, ...entities].join(" ")}
        emptyText={words.empty}
        emptyAction={create}
        selected={selected}
        onSelect={setSelected}
        actions={<><Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={roles.reload} /><Button disabled={selected.length === 0} onClick={() => setDeleting(true)}>{texts.action.delete}</Button>{create}</>}
        filters={
          <Select
            selectedOption={service}
            ariaLabel={words.service}
            options={[ANY, ...services.map((value) => ({ value, label: principalName(value) }))]}
            onChange={({ detail }) => setService({ value: detail.selectedOption.value ?? "", label: detail.selectedOption.label ?? "" })}
          />
        }
      />
      {isDeleting && <Confirm header={texts.confirm.delete(words.one, name)} text={words.deleteText} button={texts.action.delete} typed={name} onConfirm={remove} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

function toRow(role: Role): Row {
  const text = decodeDocument(role.AssumeRolePolicyDocument);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    document = undefined;
  }
  return { role, entities: trustedEntities(document), services: trustedServices(document) };
}

function columns(activity: LastActivity | undefined) {
  return [
    { id: "name", header: words.name, isRowHeader: true, sortingComparator: (a: Row, b: Row) => (a.role.RoleName ?? "").localeCompare(b.role.RoleName ?? ""),
      cell: ({ role }: Row) => <Link href={href(["iam", "roles", role.RoleName ?? ""])}>{role.RoleName}</Link> },
    { id: "entities", header: words.entities, cell: ({ entities }: Row) => entities.map(principalName).join(", ") },
    { id: "activity", header: words.activity, cell: ({ role }: Row) => activity?.get(role.RoleName ?? "") ?? words.noActivity },
    { id: "created", header: words.created, sortingComparator: (a: Row, b: Row) => Number(a.role.CreateDate) - Number(b.role.CreateDate),
      cell: ({ role }: Row) => <Time at={role.CreateDate} /> },
  ];
}

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import Link from "@cloudscape-design/components/link";
import { useState } from "react";
import { useResource } from "../aws/use-resource.ts";
import { href, navigate } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Confirm } from "../ui/confirm.tsx";
import { useNotify } from "../ui/notices.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { AttachPolicies } from "./attach-policies.tsx";
import { heldPolicies, type HeldPolicy, type Identity, removePolicy } from "./identities.ts";
import { policyType } from "./policies.ts";

const words = texts.permissions;

/** The policies that a role, user or group holds. */
export function PermissionsTab({ identity }: { identity: Identity }) {
  const { iam } = useClients();
  const notify = useNotify();
  const [selected, setSelected] = useState<HeldPolicy[]>([]);
  const [open, setOpen] = useState<"attach" | "remove">();
  const policies = useResource(() => heldPolicies(iam, identity), [iam, identity.kind, identity.name]);
  const inlineHref = href(["iam", identity.kind, identity.name, "inline-policy"]);
  const first = selected[0];
  const remove = async () => {
    for (const policy of selected) await removePolicy(iam, identity, policy);
    notify(texts.done.removed(selected.map(({ name }) => name).join(", ")));
    setSelected([]);
    policies.reload();
  };
  return (
    <>
      <ResourceTable
        title={words.title}
        description={words.description}
        resource={policies}
        columns={[
          { id: "name", header: texts.policies.name, isRowHeader: true, sortingField: "name", cell: (policy: HeldPolicy) => <PolicyLink policy={policy} identity={identity} /> },
          { id: "type", header: texts.policies.type, cell: (policy: HeldPolicy) => (policy.arn ? policyType({ Arn: policy.arn }) : words.inline) },
        ]}
        keyOf={(policy) => policy.arn ?? policy.name}
        searchable={({ name }) => name}
        emptyText={words.empty}
        selectionType="multi"
        selected={selected}
        onSelect={setSelected}
        actions={
          <>
            <Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={policies.reload} />
            <Button disabled={!first} onClick={() => setOpen("remove")}>{texts.action.remove}</Button>
            <ButtonDropdown
              items={[{ id: "attach", text: words.attach }]}
              mainAction={{ text: words.addInline, onClick: () => navigate(inlineHref) }}
              ariaLabel={words.more}
              onItemClick={() => setOpen("attach")}
            />
          </>
        }
      />
      {open === "attach" && <AttachPolicies identity={identity} onDone={policies.reload} onClose={() => setOpen(undefined)} />}
      {open === "remove" && first && (
        <Confirm
          header={words.removeHeader}
          text={words.removeText(selected.map(({ name }) => name).join(", "), identity.name)}
          button={texts.action.remove}
          onConfirm={remove}
          onClose={() => setOpen(undefined)}
        />
      )}
    </>
  );
}

function PolicyLink({ policy, identity }: { policy: HeldPolicy; identity: Identity }) {
  const to = policy.arn ? href(["iam", "policies", policy.arn]) : href(["iam", identity.kind, identity.name, "inline-policy", policy.name]);
  return policy.name ? <Link href={to}>{policy.name}</Link> : <Box>–</Box>;
}

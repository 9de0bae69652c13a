import { DeletePolicyCommand, DeletePolicyVersionCommand, ListPolicyVersionsCommand, type Policy } from "@aws-sdk/client-iam";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import { useState } from "react";
import type { Clients } from "../aws/clients.ts";
import { useResource } from "../aws/use-resource.ts";
import { href } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Confirm } from "../ui/confirm.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";
import { isAwsManaged, listPolicies, type PolicyScope, policyType } from "./policies.ts";

const words = texts.policies;

export default function PoliciesPage() {
  const { iam } = useClients();
  const notify = useNotify();
  const [scope, setScope] = useState<PolicyScope>("All");
  const [selected, setSelected] = useState<Policy[]>([]);
  const [isDeleting, setDeleting] = useState(false);
  const policies = useResource(() => listPolicies(iam, scope), [iam, scope]);
  const chosen = selected[0];
  const remove = async () => {
    await deletePolicy(iam, chosen?.Arn ?? "");
    notify(texts.done.deleted(words.one, chosen?.PolicyName ?? ""));
    setSelected([]);
    policies.reload();
  };
  const create = <Button variant="primary" href={href(["iam", "policies", "create"])}>{words.create}</Button>;
  return (
    <Page title={words.title} description={words.description} crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }]}>
      <ResourceTable
        title={words.title}
        resource={policies}
        columns={[
          { id: "name", header: words.name, isRowHeader: true, sortingField: "PolicyName", cell: (policy: Policy) => <Link href={href(["iam", "policies", policy.Arn ?? ""])}>{policy.PolicyName}</Link> },
          { id: "type", header: words.type, cell: (policy: Policy) => policyType(policy) },
          { id: "used", header: words.used, sortingField: "AttachmentCount", cell: (policy: Policy) => policy.AttachmentCount ?? 0 },
        ]}
        keyOf={({ Arn = "" }) => Arn}
        searchable={({ PolicyName = "", Arn = "" }) => `${PolicyName} ${Arn}`}
        emptyText={words.empty}
        emptyAction={create}
        selected={selected}
        onSelect={setSelected}
        actions={<><Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={policies.reload} /><Button disabled={!chosen || isAwsManaged(chosen)} onClick={() => setDeleting(true)}>{texts.action.delete}</Button>{create}</>}
        filters={
          <SegmentedControl
            selectedId={scope}
            label={words.type}
            onChange={({ detail }) => setScope(detail.selectedId as PolicyScope)}
            options={[{ id: "All", text: words.all }, { id: "AWS", text: words.aws }, { id: "Local", text: words.customer }]}
          />
        }
      />
      {isDeleting && chosen && <Confirm header={texts.confirm.delete(words.one, chosen.PolicyName ?? "")} text={words.deleteText} button={texts.action.delete} typed={chosen.PolicyName ?? ""} onConfirm={remove} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

/** Older versions first: IAM deletes a policy only when its default version is the last. */
async function deletePolicy(iam: Clients["iam"], PolicyArn: string): Promise<void> {
  const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
  for (const { VersionId } of Versions.filter((version) => !version.IsDefaultVersion)) {
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
  }
  await iam.send(new DeletePolicyCommand({ PolicyArn }));
}

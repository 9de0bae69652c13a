import type { Policy } from "@aws-sdk/client-iam";
import Link from "@cloudscape-design/components/link";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import { useMemo, useState } from "react";
import { useResource } from "../aws/use-resource.ts";
import { href } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { ResourceTable } from "../ui/resource-table.tsx";
import { isAwsManaged, listPolicies, policyType } from "./policies.ts";

interface Props {
  title: string;
  selected: Policy[];
  onSelect: (policies: Policy[]) => void;
  selectionType?: "single" | "multi";
}

const words = texts.policies;

/** All managed policies, to choose from. */
export function PolicyPicker({ title, selected, onSelect, selectionType = "multi" }: Props) {
  const { iam } = useClients();
  const [type, setType] = useState("all");
  const policies = useResource(() => listPolicies(iam), [iam]);
  const shown = useMemo(() => {
    const value = policies.value?.filter((policy) => type === "all" || isAwsManaged(policy) === (type === "aws"));
    return { ...policies, value };
  }, [policies, type]);
  return (
    <ResourceTable
      title={title}
      resource={shown}
      pageSize={10}
      columns={[
        { id: "name", header: words.name, isRowHeader: true, sortingField: "PolicyName",
          cell: (policy: Policy) => <Link external externalIconAriaLabel={texts.newTab} href={href(["iam", "policies", policy.Arn ?? ""])}>{policy.PolicyName}</Link> },
        { id: "type", header: words.type, cell: (policy: Policy) => policyType(policy) },
        { id: "used", header: words.used, cell: (policy: Policy) => policy.AttachmentCount ?? 0 },
      ]}
      keyOf={(policy) => policy.Arn ?? ""}
      searchable={(policy) => policy.PolicyName ?? ""}
      emptyText={words.empty}
      selected={selected}
      onSelect={onSelect}
      selectionType={selectionType}
      filters={
        <SegmentedControl
          selectedId={type}
          label={words.type}
          onChange={({ detail }) => setType(detail.selectedId)}
          options={[{ id: "all", text: words.all }, { id: "aws", text: words.aws }, { id: "customer", text: words.customer }]}
        />
      }
    />
  );
}

import { GetPolicyCommand, GetPolicyVersionCommand } from "@aws-sdk/client-iam";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../../aws/use-action.ts";
import { useResource } from "../../aws/use-resource.ts";
import { useClients } from "../../session/session.ts";
import { texts } from "../../texts.ts";
import { Failure } from "../../ui/failure.tsx";
import { listPolicies } from "../policies.ts";
import { decodeDocument } from "../trust.ts";

const words = texts.policyEditor;

/** An AWS managed policy as an example to start from. */
export function ExamplePolicy({ onChoose }: { onChoose: (text: string) => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <ExpandableSection headerText={words.example} expanded={isOpen} onChange={({ detail }) => setOpen(detail.expanded)}>
      {isOpen && <Choice onChoose={onChoose} />}
    </ExpandableSection>
  );
}

function Choice({ onChoose }: { onChoose: (text: string) => void }) {
  const { iam } = useClients();
  const [chosen, setChosen] = useState<{ value: string; label: string } | null>(null);
  const action = useAction();
  const policies = useResource(() => listPolicies(iam, "AWS"), [iam]);
  const choose = (PolicyArn: string, label: string) => {
    setChosen({ value: PolicyArn, label });
    void action.run(async () => {
      const policy = await iam.send(new GetPolicyCommand({ PolicyArn }));
      const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: policy.Policy?.DefaultVersionId }));
      onChoose(decodeDocument(version.PolicyVersion?.Document));
    });
  };
  return (
    <SpaceBetween size="s">
      <FormField label={words.exampleLabel} description={words.exampleDescription}>
        <Select
          filteringType="auto"
          virtualScroll
          statusType={policies.isLoading ? "loading" : policies.error === undefined ? "finished" : "error"}
          placeholder={words.examplePlaceholder}
          selectedOption={chosen}
          options={policies.value?.map(({ Arn = "", PolicyName = "" }) => ({ value: Arn, label: PolicyName })) ?? []}
          onChange={({ detail }) => choose(detail.selectedOption.value ?? "", detail.selectedOption.label ?? "")}
        />
      </FormField>
      <Failure error={policies.error ?? action.error} />
    </SpaceBetween>
  );
}

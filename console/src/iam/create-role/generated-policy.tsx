import Box from "@cloudscape-design/components/box";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../../aws/use-action.ts";
import { generatePolicyForMachine } from "../../states/advice.ts";
import { MachineSelect } from "../../states/machine-select.tsx";
import { useClients } from "../../session/session.ts";
import { texts } from "../../texts.ts";
import { AdvisedPolicies } from "../advised-policies-view.tsx";
import { Failure } from "../../ui/failure.tsx";
import { Loading } from "../../ui/loading.tsx";
import type { RoleDraft } from "./role-draft.ts";

interface Props {
  draft: RoleDraft;
  onChange: (draft: RoleDraft) => void;
}

const words = texts.createRole;

/** The policy that a state machine needs, made from its definition; optional. */
export function GeneratedPolicy({ draft, onChange }: Props) {
  const { stepward } = useClients();
  const [machine, setMachine] = useState("");
  const action = useAction();
  const choose = (arn: string) => {
    setMachine(arn);
    void action.run(async () => {
      const { generated: _, ...rest } = draft;
      const advised = arn ? await generatePolicyForMachine(stepward, arn) : undefined;
      onChange(advised ? { ...rest, generated: { name: "GeneratedFromStateMachine", advised } } : rest);
    });
  };
  return (
    <ExpandableSection variant="container" headerText={words.generate} headerDescription={words.generateDescription}>
      <SpaceBetween size="m">
        <MachineSelect label={words.generateFrom} value={machine} onChange={choose} isOptional />
        <Failure error={action.error} />
        {action.isRunning && <Loading />}
        {draft.generated && (
          <>
            <Box variant="p">{words.generatedText(draft.generated.name)}</Box>
            <AdvisedPolicies label={words.generated} advised={draft.generated.advised} />
          </>
        )}
      </SpaceBetween>
    </ExpandableSection>
  );
}

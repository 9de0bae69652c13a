import Alert from "@cloudscape-design/components/alert";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { texts } from "../../texts.ts";
import { PolicyPicker } from "../policy-picker.tsx";
import { GeneratedPolicy } from "./generated-policy.tsx";
import type { StepProps } from "./trusted-entity-step.tsx";

const words = texts.createRole;

export function PermissionsStep({ draft, onChange }: StepProps) {
  const isForStepFunctions = draft.entity.kind === "service" && draft.entity.service === "states.amazonaws.com";
  return (
    <SpaceBetween size="l">
      {isForStepFunctions && <Alert type="info" header={words.inlineLaterHeader}>{words.inlineLater}</Alert>}
      {isForStepFunctions && <GeneratedPolicy draft={draft} onChange={onChange} />}
      <PolicyPicker title={words.policies} selected={draft.policies} onSelect={(policies) => onChange({ ...draft, policies })} />
    </SpaceBetween>
  );
}

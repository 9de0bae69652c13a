import type { Policy } from "@aws-sdk/client-iam";
import { useState } from "react";
import { texts } from "../texts.ts";
import { AttachDialog } from "./attach-dialog.tsx";
import type { Identity } from "./identities.ts";
import { PolicyPicker } from "./policy-picker.tsx";

interface Props {
  identity: Identity;
  onDone: () => void;
  onClose: () => void;
}

export function AttachPolicies({ identity, onDone, onClose }: Props) {
  const [chosen, setChosen] = useState<Policy[]>([]);
  const attachments = chosen.map(({ Arn = "", PolicyName = "" }) => ({ identity, policyArn: Arn, name: PolicyName }));
  return (
    <AttachDialog header={texts.permissions.attachHeader(identity.name)} chosen={attachments} onDone={onDone} onClose={onClose}>
      <PolicyPicker title={texts.policies.title} selected={chosen} onSelect={setChosen} />
    </AttachDialog>
  );
}

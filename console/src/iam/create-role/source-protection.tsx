import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSession } from "../../session/session.ts";
import { texts } from "../../texts.ts";
import { type RoleDraft, withProtection } from "./role-draft.ts";

interface Props {
  draft: RoleDraft;
  onChange: (draft: RoleDraft) => void;
}

const words = texts.createRole;

/** The confused deputy: offered for services, with what it means. */
export function SourceProtection({ draft, onChange }: Props) {
  const { account } = useSession().session;
  if (draft.entity.kind !== "service") return null;
  const change = (isProtected: boolean, sourceArn: string) => onChange(withProtection(draft, isProtected, sourceArn, account));
  return (
    <SpaceBetween size="s">
      <Checkbox checked={draft.isProtected} description={words.protectDescription} onChange={({ detail }) => change(detail.checked, draft.sourceArn)}>
        {words.protect}
      </Checkbox>
      {draft.isProtected && (
        <FormField label={words.sourceArn} description={words.sourceArnDescription}>
          <Input value={draft.sourceArn} spellcheck={false} onChange={({ detail }) => change(true, detail.value.trim())} />
        </FormField>
      )}
    </SpaceBetween>
  );
}

import type { TagEditorProps } from "@cloudscape-design/components/tag-editor";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { texts } from "../texts.ts";
import { Failure } from "./failure.tsx";
import { useNotify } from "./notices.tsx";
import { tagChanges, TagsForm } from "./tags-form.tsx";

interface Props {
  /** Whose tags they are, as people call it. */
  name: string;
  before: TagEditorProps.Tag[];
  onSave: (changes: ReturnType<typeof tagChanges>) => Promise<void>;
}

/** The tags of something that is there, and their changes. */
export function TagsContainer({ name, before, onSave }: Props) {
  const notify = useNotify();
  const [tags, setTags] = useState<readonly TagEditorProps.Tag[]>(before);
  const [isValid, setValid] = useState(true);
  const action = useAction();
  const save = () => void action.run(async () => {
    await onSave(tagChanges(before, tags));
    notify(texts.done.saved(texts.tags.title, name));
  });
  return (
    <Container header={<Header variant="h2" actions={<Button disabled={!isValid} loading={action.isRunning} onClick={save}>{texts.tags.save}</Button>}>{texts.tags.title}</Header>}>
      <SpaceBetween size="m">
        <Failure error={action.error} />
        <TagsForm tags={tags} onChange={(changed, valid) => { setTags(changed); setValid(valid); }} />
      </SpaceBetween>
    </Container>
  );
}

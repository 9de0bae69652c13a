import TagEditor, { type TagEditorProps } from "@cloudscape-design/components/tag-editor";
import { texts } from "../texts.ts";

export interface Tag {
  key: string;
  value: string;
}

interface Props {
  tags: readonly TagEditorProps.Tag[];
  onChange: (tags: readonly TagEditorProps.Tag[], isValid: boolean) => void;
}

export function TagsForm({ tags, onChange }: Props) {
  return (
    <TagEditor
      tags={tags}
      tagLimit={50}
      i18nStrings={texts.tags.editor}
      onChange={({ detail }) => onChange(detail.tags, detail.valid)}
    />
  );
}

/** What was there, marked as such, so that the editor knows what is new. */
export function existing(tags: { Key?: string | undefined; Value?: string | undefined }[]): TagEditorProps.Tag[] {
  return tags.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value, existing: true }));
}

/** What must be written and what must be taken away to get from one to the other. */
export function tagChanges(before: readonly TagEditorProps.Tag[], after: readonly TagEditorProps.Tag[]) {
  const was = new Map(before.map(({ key, value }) => [key, value]));
  const kept = after.filter((tag) => !tag.markedForRemoval);
  const keys = new Set(kept.map(({ key }) => key));
  return {
    written: kept.filter(({ key, value }) => was.get(key) !== value).map(({ key, value }) => ({ Key: key, Value: value })),
    removed: [...was.keys()].filter((key) => !keys.has(key)),
  };
}

import { ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-sfn";
import type { TagEditorProps } from "@cloudscape-design/components/tag-editor";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { Loaded } from "../ui/loading.tsx";
import { useNotify } from "../ui/notices.tsx";
import { tagChanges, TagsForm } from "../ui/tags-form.tsx";

export function MachineTags({ arn }: { arn: string }) {
  const { sfn } = useClients();
  const tags = useResource(async () => {
    const found = await sfn.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    return (found.tags ?? []).map(({ key = "", value = "" }) => ({ key, value, existing: true }));
  }, [sfn, arn]);
  return <Loaded resource={tags}>{(before) => <Form key={JSON.stringify(before)} arn={arn} before={before} reload={tags.reload} />}</Loaded>;
}

function Form({ arn, before, reload }: { arn: string; before: TagEditorProps.Tag[]; reload: () => void }) {
  const { sfn } = useClients();
  const notify = useNotify();
  const [tags, setTags] = useState<readonly TagEditorProps.Tag[]>(before);
  const [isValid, setValid] = useState(true);
  const action = useAction();
  const save = () => void action.run(async () => {
    const { written, removed } = tagChanges(before, tags);
    if (removed.length > 0) await sfn.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: removed }));
    if (written.length > 0) await sfn.send(new TagResourceCommand({ resourceArn: arn, tags: written.map(({ Key, Value }) => ({ key: Key, value: Value })) }));
    notify(texts.done.saved(texts.tags.title, arn.split(":").pop() ?? ""));
    reload();
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

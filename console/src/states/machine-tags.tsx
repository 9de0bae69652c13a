import { ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-sfn";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { nameOf } from "../ui/arn.tsx";
import { Loaded } from "../ui/loading.tsx";
import { TagsContainer } from "../ui/tags-container.tsx";
import type { tagChanges } from "../ui/tags-form.tsx";

export function MachineTags({ arn }: { arn: string }) {
  const { sfn } = useClients();
  const tags = useResource(async () => {
    const found = await sfn.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    return (found.tags ?? []).map(({ key = "", value = "" }) => ({ key, value, existing: true }));
  }, [sfn, arn]);
  const save = async ({ written, removed }: ReturnType<typeof tagChanges>) => {
    if (removed.length > 0) await sfn.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: removed }));
    if (written.length > 0) await sfn.send(new TagResourceCommand({ resourceArn: arn, tags: written.map(({ Key, Value }) => ({ key: Key, value: Value })) }));
    tags.reload();
  };
  return <Loaded resource={tags}>{(before) => <TagsContainer key={JSON.stringify(before)} name={nameOf(arn)} before={before} onSave={save} />}</Loaded>;
}

import { DeleteFunctionCommand, type FunctionConfiguration, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import { useState } from "react";
import { allPages } from "../aws/pages.ts";
import { useResource } from "../aws/use-resource.ts";
import { href } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Confirm } from "../ui/confirm.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { ResourceTable } from "../ui/resource-table.tsx";

const words = texts.functions;

export default function FunctionsPage() {
  const { lambda } = useClients();
  const notify = useNotify();
  const [selected, setSelected] = useState<FunctionConfiguration[]>([]);
  const [isDeleting, setDeleting] = useState(false);
  const functions = useResource(() => allPages(async (Marker) => {
    const page = await lambda.send(new ListFunctionsCommand({ Marker }));
    return { items: page.Functions, next: page.NextMarker };
  }), [lambda]);
  const name = selected[0]?.FunctionName ?? "";
  const remove = async () => {
    await lambda.send(new DeleteFunctionCommand({ FunctionName: name }));
    notify(texts.done.deleted(words.one, name));
    setSelected([]);
    functions.reload();
  };
  const create = <Button variant="primary" href={href(["lambda", "functions", "create"])}>{words.create}</Button>;
  return (
    <Page title={words.title} description={words.description} crumbs={[{ text: texts.navigation.lambda, href: "#/lambda/functions" }]}>
      <ResourceTable
        title={words.title}
        resource={functions}
        columns={[
          { id: "name", header: words.name, isRowHeader: true, sortingField: "FunctionName", cell: ({ FunctionName = "" }: FunctionConfiguration) => <Link href={href(["lambda", "functions", FunctionName])}>{FunctionName}</Link> },
          { id: "runtime", header: words.runtime, sortingField: "Runtime", cell: ({ Runtime }: FunctionConfiguration) => Runtime },
          { id: "size", header: words.size, cell: ({ CodeSize }: FunctionConfiguration) => words.bytes(CodeSize ?? 0) },
          { id: "changed", header: words.changed, sortingField: "LastModified", cell: ({ LastModified }: FunctionConfiguration) => LastModified },
        ]}
        keyOf={({ FunctionName = "" }) => FunctionName}
        searchable={({ FunctionName = "", Runtime = "" }) => `${FunctionName} ${Runtime}`}
        emptyText={words.empty}
        emptyAction={create}
        selected={selected}
        onSelect={setSelected}
        actions={<><Button iconName="refresh" ariaLabel={texts.action.refresh} onClick={functions.reload} /><Button disabled={!name} onClick={() => setDeleting(true)}>{texts.action.delete}</Button>{create}</>}
      />
      {isDeleting && <Confirm header={texts.confirm.delete(words.one, name)} text={words.deleteText} button={texts.action.delete} typed={name} onConfirm={remove} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

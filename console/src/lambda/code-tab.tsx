import { UpdateFunctionCodeCommand } from "@aws-sdk/client-lambda";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { useNotify } from "../ui/notices.tsx";
import { codePackage, exampleOf } from "./code-package.ts";
import { CodeSource, type SourceChoice } from "./code-source.tsx";

interface Props {
  name: string;
  runtime: string;
  onChanged: () => void;
}

const words = texts.functions;

/** New code in place of the old. */
export function CodeTab({ name, runtime, onChanged }: Props) {
  const { lambda } = useClients();
  const notify = useNotify();
  const [source, setSource] = useState<SourceChoice>({ kind: "file", file: undefined, text: exampleOf(runtime) });
  const action = useAction();
  const isMissing = source.kind === "file" && !source.file;
  const upload = () => void action.run(async () => {
    await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: await codePackage(source, runtime) }));
    notify(texts.done.saved(words.code, name));
    onChanged();
  });
  return (
    <Container header={<Header variant="h2" description={words.codeDescription} actions={<Button variant="primary" disabled={isMissing} loading={action.isRunning} onClick={upload}>{words.uploadButton}</Button>}>{words.code}</Header>}>
      <SpaceBetween size="m">
        <CodeSource source={source} onChange={setSource} problem={undefined} />
        <Failure error={action.error} />
      </SpaceBetween>
    </Container>
  );
}

import { CreateFunctionCommand, type Runtime } from "@aws-sdk/client-lambda";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { href, navigate } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { CodeSource, type SourceChoice } from "./code-source.tsx";
import { FunctionRole } from "./function-role.tsx";
import { codePackage, exampleOf, handlerOf, RUNTIMES } from "./code-package.ts";

const words = texts.functions;

export default function CreateFunctionPage() {
  const { lambda } = useClients();
  const notify = useNotify();
  const [name, setName] = useState("");
  const [runtime, setRuntime] = useState<string>(RUNTIMES[0] ?? "");
  const [role, setRole] = useState("");
  const [source, setSource] = useState<SourceChoice>({ kind: "text", text: exampleOf(RUNTIMES[0] ?? "") });
  const [isChecked, setChecked] = useState(false);
  const action = useAction();
  const nameProblem = /^[\w-]{1,64}$/.test(name) ? undefined : words.nameWrong;
  const roleProblem = /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/.test(role) ? undefined : texts.createMachine.roleWrong;
  const fileProblem = source.kind === "file" && !source.file ? words.fileMissing : undefined;
  const create = () => {
    setChecked(true);
    if (nameProblem || roleProblem || fileProblem) return;
    void action.run(async () => {
      await lambda.send(new CreateFunctionCommand({
        FunctionName: name, Runtime: runtime as Runtime, Role: role, Handler: handlerOf(runtime), Code: { ZipFile: await codePackage(source, runtime) },
      }));
      notify(texts.done.created(words.one, name));
      navigate(href(["lambda", "functions", name]));
    });
  };
  const changeRuntime = (next: string) => {
    // A text that nobody has touched follows the runtime.
    if (source.kind === "text" && source.text === exampleOf(runtime)) setSource({ kind: "text", text: exampleOf(next) });
    setRuntime(next);
  };
  return (
    <Page title={words.create} crumbs={[{ text: words.title, href: "#/lambda/functions" }]}>
      <Container>
        <SpaceBetween size="m">
          <FormField label={words.name} errorText={isChecked ? nameProblem : undefined}>
            <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value.trim())} />
          </FormField>
          <FormField label={words.runtime}>
            <Select selectedOption={{ value: runtime, label: runtime }} options={RUNTIMES.map((value) => ({ value, label: value }))} onChange={({ detail }) => changeRuntime(detail.selectedOption.value ?? "")} />
          </FormField>
          <FunctionRole arn={role} onChange={setRole} problem={isChecked ? roleProblem : undefined} />
          <CodeSource source={source} onChange={setSource} problem={isChecked ? fileProblem : undefined} />
        </SpaceBetween>
      </Container>
      <Failure error={action.error} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" href="#/lambda/functions">{texts.action.cancel}</Button>
          <Button variant="primary" loading={action.isRunning} onClick={create}>{words.create}</Button>
        </SpaceBetween>
      </Box>
    </Page>
  );
}

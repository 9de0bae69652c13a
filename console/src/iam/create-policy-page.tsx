import { CreatePolicyCommand } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { href, navigate } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { policyNameProblem } from "./names.ts";
import { newBlock, toText } from "./policy-editor/blocks.ts";
import { PolicyEditor } from "./policy-editor/policy-editor.tsx";
import { policyFindings } from "./policy-editor/policy-findings.ts";

const words = texts.policies;

export default function CreatePolicyPage() {
  const { iam } = useClients();
  const notify = useNotify();
  const [text, setText] = useState(() => toText([newBlock()]));
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [isChecked, setChecked] = useState(false);
  const action = useAction();
  const problem = policyFindings(text).find(({ severity }) => severity === "error");
  const back = href(["iam", "policies"]);
  const save = () => {
    setChecked(true);
    if (policyNameProblem(name) || problem) return;
    void action.run(async () => {
      await iam.send(new CreatePolicyCommand({ PolicyName: name, PolicyDocument: text, ...(description && { Description: description }) }));
      notify(texts.done.created(words.one, name));
      navigate(back);
    });
  };
  return (
    <Page title={words.create} crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }, { text: words.title, href: back }]}>
      <PolicyEditor text={text} onChange={setText} />
      <Container header={<Header variant="h2">{texts.inlinePolicy.review}</Header>}>
        <SpaceBetween size="m">
          <FormField label={words.name} errorText={isChecked ? policyNameProblem(name) : undefined}>
            <Input value={name} spellcheck={false} onChange={({ detail }) => setName(detail.value.trim())} />
          </FormField>
          <FormField label={words.descriptionLabel} description={texts.optional}>
            <Input value={description} onChange={({ detail }) => setDescription(detail.value)} />
          </FormField>
        </SpaceBetween>
      </Container>
      {isChecked && problem && <Failure error={new Error(`${problem.pointer ?? ""} ${problem.message}`.trim())} />}
      <Failure error={action.error} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" href={back}>{texts.action.cancel}</Button>
          <Button variant="primary" loading={action.isRunning} onClick={save}>{words.create}</Button>
        </SpaceBetween>
      </Box>
    </Page>
  );
}

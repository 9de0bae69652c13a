import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { policyNameFor } from "../decisions/denial-story.tsx";
import { href, navigate, type Parameters, useLocation } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import { Loaded } from "../ui/loading.tsx";
import { useNotify } from "../ui/notices.tsx";
import { isObject, parseJson } from "../ui/json-text.ts";
import { Page } from "../ui/page.tsx";
import { type Identity, type IdentityKind, inlinePolicy, putInlinePolicy } from "./identities.ts";
import { policyNameProblem } from "./names.ts";
import { newBlock, toText } from "./policy-editor/blocks.ts";
import { PolicyEditor } from "./policy-editor/policy-editor.tsx";
import { policyFindings } from "./policy-editor/policy-findings.ts";

const words = texts.inlinePolicy;

/** Add inline policy, and edit one that is there. */
export default function InlinePolicyPage({ parameters }: { parameters: Parameters }) {
  const { kind = "roles", name = "", policy = "" } = parameters;
  const identity: Identity = { kind: kind as IdentityKind, name };
  const { iam } = useClients();
  const { query } = useLocation();
  const statement = query.get("statement") ?? "";
  const before = useResource(async () => (policy ? inlinePolicy(iam, identity, policy) : startingText(statement)), [iam, statement]);
  const holder = href(["iam", kind, name]);
  // Whoever came from a denial goes back to it, to try again.
  const from = query.get("from") ?? "";
  const back = from.startsWith("#/") ? from : holder;
  return (
    <Page
      title={policy ? words.edit(policy) : words.add}
      description={words.description(name)}
      crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }, { text: texts.navigation[identity.kind], href: `#/iam/${kind}` }, { text: name, href: holder }]}
    >
      <Loaded resource={before}>{(text) => <Form identity={identity} policy={policy} offered={statement && policyNameFor(statement)} before={text} back={back} />}</Loaded>
    </Page>
  );
}

/** One statement that is to be added; else an empty policy. */
function startingText(statement: string): string {
  const { value } = parseJson(statement);
  return isObject(value) ? JSON.stringify({ Version: "2012-10-17", Statement: [value] }, undefined, 2) : toText([newBlock()]);
}

interface FormProps {
  identity: Identity;
  policy: string;
  /** Name of a new one, until somebody changes it. */
  offered: string;
  before: string;
  back: string;
}

function Form({ identity, policy, offered, before, back }: FormProps) {
  const { iam } = useClients();
  const notify = useNotify();
  const [text, setText] = useState(before);
  const [name, setName] = useState(policy || offered);
  const [isChecked, setChecked] = useState(false);
  const action = useAction();
  const problem = policyFindings(text).find(({ severity }) => severity === "error");
  const save = () => {
    setChecked(true);
    if (policyNameProblem(name) || problem) return;
    void action.run(async () => {
      await putInlinePolicy(iam, identity, name, text);
      notify(texts.done.saved(words.one, name));
      navigate(back);
    });
  };
  return (
    <SpaceBetween size="l">
      <PolicyEditor text={text} onChange={setText} />
      <Container header={<Header variant="h2">{words.review}</Header>}>
        <FormField label={words.name} constraintText={words.nameConstraint} errorText={isChecked ? policyNameProblem(name) : undefined}>
          <Input value={name} disabled={policy !== ""} spellcheck={false} onChange={({ detail }) => setName(detail.value.trim())} />
        </FormField>
      </Container>
      {isChecked && problem && <Failure error={new Error(`${problem.pointer ?? ""} ${problem.message}`.trim())} />}
      <Failure error={action.error} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" onClick={() => navigate(back)}>{texts.action.cancel}</Button>
          <Button variant="primary" loading={action.isRunning} onClick={save}>{policy ? texts.action.save : words.create}</Button>
        </SpaceBetween>
      </Box>
    </SpaceBetween>
  );
}

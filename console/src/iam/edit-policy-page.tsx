import { CreatePolicyVersionCommand } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useResource } from "../aws/use-resource.ts";
import { href, navigate, type Parameters } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { nameOf } from "../ui/arn.tsx";
import { Failure } from "../ui/failure.tsx";
import { Loaded } from "../ui/loading.tsx";
import { useNotify } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import { PolicyEditor } from "./policy-editor/policy-editor.tsx";
import { policyFindings } from "./policy-editor/policy-findings.ts";
import { load } from "./policy-page.tsx";

const words = texts.policy;

/** A change of a managed policy is a new version, which becomes the default. */
export default function EditPolicyPage({ parameters }: { parameters: Parameters }) {
  const { iam } = useClients();
  const arn = parameters["arn"] ?? "";
  const before = useResource(() => load(iam, arn), [iam, arn]);
  const back = href(["iam", "policies", arn]);
  return (
    <Page title={words.edit(nameOf(arn))} description={words.editDescription} crumbs={[{ text: texts.policies.title, href: "#/iam/policies" }, { text: nameOf(arn), href: back }]}>
      <Loaded resource={before}>{({ document }) => <Form arn={arn} before={document} back={back} />}</Loaded>
    </Page>
  );
}

function Form({ arn, before, back }: { arn: string; before: string; back: string }) {
  const { iam } = useClients();
  const notify = useNotify();
  const [text, setText] = useState(before);
  const action = useAction();
  const hasErrors = policyFindings(text).some(({ severity }) => severity === "error");
  const save = () => void action.run(async () => {
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: text, SetAsDefault: true }));
    notify(texts.done.saved(texts.policies.one, nameOf(arn)));
    navigate(back);
  });
  return (
    <SpaceBetween size="l">
      <PolicyEditor text={text} onChange={setText} />
      <Failure error={action.error} />
      <Box float="right">
        <SpaceBetween direction="horizontal" size="xs">
          <Button variant="link" href={back}>{texts.action.cancel}</Button>
          <Button variant="primary" disabled={hasErrors} loading={action.isRunning} onClick={save}>{words.saveVersion}</Button>
        </SpaceBetween>
      </Box>
    </SpaceBetween>
  );
}

import type { Role } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useClients } from "../session/session.ts";
import { policyFromDecisions } from "../states/advice.ts";
import { texts } from "../texts.ts";
import { Code } from "../ui/code.tsx";
import { Failure } from "../ui/failure.tsx";
import { useNotify } from "../ui/notices.tsx";
import { putInlinePolicy } from "./identities.ts";

const words = texts.suggestion;
const POLICY_NAME = "LeastPrivilege";

/** The least that the role needs, from what it has been asked for. */
export function SuggestionTab({ role }: { role: Role }) {
  const { iam, stepward } = useClients();
  const notify = useNotify();
  const [suggested, setSuggested] = useState<string>();
  const action = useAction();
  const name = role.RoleName ?? "";
  const suggest = () => void action.run(async () => setSuggested(await policyFromDecisions(stepward, role.Arn ?? "")));
  const add = () => void action.run(async () => {
    if (!suggested) return;
    await putInlinePolicy(iam, { kind: "roles", name }, POLICY_NAME, suggested);
    notify(texts.done.saved(texts.inlinePolicy.one, POLICY_NAME));
  });
  return (
    <Container header={<Header variant="h2" description={words.description} actions={<Button loading={action.isRunning} onClick={suggest}>{words.button}</Button>}>{words.title}</Header>}>
      <SpaceBetween size="m">
        <Failure error={action.error} />
        {suggested === undefined ? <Box color="text-status-inactive">{words.none}</Box> : (
          <>
            <Code label={words.title} text={suggested} />
            <Button onClick={add} loading={action.isRunning}>{words.add(POLICY_NAME)}</Button>
          </>
        )}
      </SpaceBetween>
    </Container>
  );
}

import type { Role } from "@aws-sdk/client-iam";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { useClients } from "../session/session.ts";
import { type Advised, type Change, policyFromDecisions, replayPolicies } from "../states/advice.ts";
import { texts } from "../texts.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Failure } from "../ui/failure.tsx";
import { useNotify } from "../ui/notices.tsx";
import { addPolicies } from "./advised-policies.ts";
import { AdvisedPolicies } from "./advised-policies-view.tsx";
import { type HeldPolicy, heldPolicies, removePolicy } from "./identities.ts";
import { ReplayedChanges } from "./replayed-changes.tsx";

const words = texts.suggestion;
const POLICY_NAME = "LeastPrivilege";

interface Suggestion {
  advised: Advised & { calls: number };
  changes: Change[];
  held: HeldPolicy[];
}

/** The least that the role needs, from what it has been allowed; and what would change if it had nothing else. */
export function SuggestionTab({ role }: { role: Role }) {
  const { iam, stepward } = useClients();
  const notify = useNotify();
  const [suggested, setSuggested] = useState<Suggestion>();
  const [isReplacing, setReplacing] = useState(false);
  const action = useAction();
  const name = role.RoleName ?? "";
  const identity = { kind: "roles", name } as const;
  const suggest = () => void action.run(async () => {
    const advised = await policyFromDecisions(stepward, role.Arn ?? "");
    const held = await heldPolicies(iam, identity);
    const { changes } = advised.policies.length > 0 ? await replayPolicies(stepward, role.Arn ?? "", advised.policies) : { changes: [] };
    setSuggested({ advised, changes, held });
  });
  const add = async () => {
    await addPolicies(iam, name, POLICY_NAME, suggested?.advised.policies ?? []);
    notify(texts.done.saved(texts.inlinePolicy.one, POLICY_NAME));
  };
  const others = (suggested?.held ?? []).filter(({ name: held, arn }) => arn !== undefined || held !== POLICY_NAME);
  const replace = async () => {
    // First what is needed, then away with the rest: the role is never without its rights.
    await add();
    for (const policy of others) await removePolicy(iam, identity, policy);
    suggest();
  };
  return (
    <Container header={<Header variant="h2" description={words.description} actions={<Button loading={action.isRunning} onClick={suggest}>{words.button}</Button>}>{words.title}</Header>}>
      <SpaceBetween size="m">
        <Failure error={action.error} />
        {!suggested && <Box color="text-status-inactive">{words.none}</Box>}
        {suggested && <Shown suggestion={suggested} />}
        {suggested && suggested.advised.policies.length > 0 && (
          <SpaceBetween direction="horizontal" size="xs">
            <Button onClick={() => void action.run(add)} loading={action.isRunning}>{words.add(POLICY_NAME)}</Button>
            {others.length > 0 && <Button onClick={() => setReplacing(true)}>{words.replace}</Button>}
          </SpaceBetween>
        )}
      </SpaceBetween>
      {isReplacing && <Confirm header={words.replaceHeader} text={words.replaceText(others.map(({ name: held }) => held).join(", "), POLICY_NAME)} button={words.replace} onConfirm={replace} onClose={() => setReplacing(false)} />}
    </Container>
  );
}

function Shown({ suggestion: { advised, changes } }: { suggestion: Suggestion }) {
  if (advised.policies.length === 0) return <Box color="text-status-inactive">{words.noCalls}</Box>;
  return (
    <SpaceBetween size="m">
      <Box>{words.calls(advised.calls)}</Box>
      <AdvisedPolicies label={words.title} advised={advised} />
      <ReplayedChanges changes={changes} />
    </SpaceBetween>
  );
}

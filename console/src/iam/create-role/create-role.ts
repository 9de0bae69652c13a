// The calls behind Create role, one after the other. When a later one is refused, the role is there without it.
import { AttachRolePolicyCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import type { Clients } from "../../aws/clients.ts";
import { texts } from "../../texts.ts";
import { addPolicies } from "../advised-policies.ts";
import type { RoleDraft } from "./role-draft.ts";

export interface Step {
  /** What it does, to be named when it is refused. */
  text: string;
  run: () => Promise<unknown>;
}

const words = texts.createRole.made;

export function stepsOf(iam: Clients["iam"], draft: RoleDraft): Step[] {
  const RoleName = draft.name;
  const create = new CreateRoleCommand({
    RoleName,
    AssumeRolePolicyDocument: draft.trust,
    ...(draft.description && { Description: draft.description }),
    Tags: draft.tags.map(({ key, value }) => ({ Key: key, Value: value })),
  });
  const { generated } = draft;
  return [
    { text: words.create, run: () => iam.send(create) },
    ...draft.policies.map(({ Arn, PolicyName = "" }) => ({ text: words.attach(PolicyName), run: () => iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Arn })) })),
    ...(generated ? [{ text: words.add(generated.name), run: () => addPolicies(iam, RoleName, generated.name, generated.advised.policies) }] : []),
  ];
}

/** What is left when a step was refused, that step first. */
export interface Left {
  steps: Step[];
  error: unknown;
}

export async function runSteps(steps: Step[]): Promise<Left | undefined> {
  for (const [at, step] of steps.entries()) {
    try {
      await step.run();
    } catch (error) {
      return { steps: steps.slice(at), error };
    }
  }
  return undefined;
}

import Wizard from "@cloudscape-design/components/wizard";
import { useState } from "react";
import { useAction } from "../../aws/use-action.ts";
import { href, navigate } from "../../router.ts";
import { useSession } from "../../session/session.ts";
import { texts } from "../../texts.ts";
import { Failure } from "../../ui/failure.tsx";
import { useNotify } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { deleteRoleWhole } from "../delete-role.ts";
import { type Left, runSteps, type Step, stepsOf } from "./create-role.ts";
import { HalfMade } from "./half-made.tsx";
import { PermissionsStep } from "./permissions-step.tsx";
import { ReviewStep } from "./review-step.tsx";
import { entityProblem, newDraft, reviewProblem } from "./role-draft.ts";
import { TrustedEntityStep } from "./trusted-entity-step.tsx";

const words = texts.createRole;

export default function CreateRolePage() {
  const { session } = useSession();
  const notify = useNotify();
  const [draft, setDraft] = useState(() => newDraft(session.account, session.region));
  const [step, setStep] = useState(0);
  const [isChecked, setChecked] = useState(false);
  const [left, setLeft] = useState<Left>();
  const action = useAction();
  const go = (to: number) => {
    const isBlocked = to > step && entityProblem(draft) !== undefined;
    setChecked(isBlocked);
    if (!isBlocked) setStep(to);
  };
  const submit = () => {
    setChecked(true);
    if (reviewProblem(draft)) return;
    void action.run(() => run(stepsOf(session.clients.iam, draft), true));
  };
  const run = async (steps: Step[], isNew: boolean) => {
    const refused = await runSteps(steps);
    // Nothing was made when the first step of all was refused: the form is as it was.
    if (refused && isNew && refused.steps.length === steps.length) throw refused.error;
    setLeft(refused);
    if (refused) return;
    notify(texts.done.created(texts.roles.one, draft.name));
    navigate(href(["iam", "roles"]));
  };
  const remove = () => void action.run(async () => {
    await deleteRoleWhole(session.clients.iam, draft.name);
    setLeft(undefined);
    notify(texts.done.deleted(texts.roles.one, draft.name));
  });
  const props = { draft, onChange: setDraft, isChecked };
  return (
    <Page title={words.title} crumbs={[{ text: texts.navigation.iam, href: "#/iam/roles" }, { text: texts.roles.title, href: "#/iam/roles" }]}>
      <Failure error={action.error} />
      {left && <HalfMade name={draft.name} left={left} isRunning={action.isRunning} onRetry={() => void action.run(() => run(left.steps, false))} onKeep={() => navigate(href(["iam", "roles", draft.name]))} onDelete={remove} />}
      {!left && <Wizard
        activeStepIndex={step}
        isLoadingNextStep={action.isRunning}
        submitButtonText={words.submit}
        i18nStrings={words.wizard}
        onNavigate={({ detail }) => go(detail.requestedStepIndex)}
        onCancel={() => navigate(href(["iam", "roles"]))}
        onSubmit={submit}
        steps={[
          { title: words.steps.entity, description: words.steps.entityDescription, content: <TrustedEntityStep {...props} /> },
          { title: words.steps.permissions, description: words.steps.permissionsDescription, content: <PermissionsStep {...props} /> },
          { title: words.steps.review, description: words.steps.reviewDescription, content: <ReviewStep {...props} /> },
        ]}
      />}
    </Page>
  );
}

import { ListRolesCommand } from "@aws-sdk/client-iam";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { describeFailure } from "../aws/failures.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { trustedServices } from "../iam/trust.ts";
import type { Subject } from "./advice.ts";
import { NewRole } from "./new-role.tsx";
import type { RoleChoice } from "./role-choice.ts";

interface Props {
  choice: RoleChoice;
  subject: Subject;
  onChange: (choice: RoleChoice) => void;
  problem: string | undefined;
}

const words = texts.roleForm;

export function RoleForm({ choice, subject, onChange, problem }: Props) {
  return (
    <Container header={<Header variant="h2" description={words.description}>{words.title}</Header>}>
      <SpaceBetween size="m">
        <RadioGroup
          value={choice.kind}
          ariaLabel={words.title}
          onChange={({ detail }) => onChange({ ...choice, kind: detail.value as RoleChoice["kind"] })}
          items={[
            { value: "new", label: words.new, description: words.newDescription },
            { value: "existing", label: words.existing, description: words.existingDescription },
          ]}
        />
        {choice.kind === "existing"
          ? <ExistingRole arn={choice.arn} onChange={(arn) => onChange({ ...choice, arn })} problem={problem} />
          : <NewRole choice={choice} subject={subject} onChange={onChange} problem={problem} />}
      </SpaceBetween>
    </Container>
  );
}

interface ExistingProps {
  arn: string;
  onChange: (arn: string) => void;
  problem: string | undefined;
}

/** Roles that trust Step Functions, or any by its ARN. */
export function ExistingRole({ arn, onChange, problem }: ExistingProps) {
  const { iam } = useClients();
  const roles = useResource(async () => (await iam.send(new ListRolesCommand({ MaxItems: 1000 }))).Roles ?? [], [iam]);
  const trusting = (roles.value ?? []).filter(({ AssumeRolePolicyDocument: trust = "" }) => trustsStates(trust));
  return (
    <FormField label={words.role} description={words.roleDescription} errorText={problem}>
      <Autosuggest
        value={arn}
        options={trusting.map(({ Arn = "", RoleName = "" }) => ({ value: Arn, label: RoleName, description: Arn }))}
        placeholder="arn:aws:iam::111122223333:role/StepFunctionsLambdaRole"
        enteredTextLabel={texts.use}
        empty={words.noRoles}
        statusType={roles.isLoading ? "loading" : roles.error === undefined ? "finished" : "error"}
        errorText={roles.error === undefined ? "" : describeFailure(roles.error).text}
        onChange={({ detail }) => onChange(detail.value.trim())}
      />
    </FormField>
  );
}

function trustsStates(encoded: string): boolean {
  try {
    return trustedServices(JSON.parse(decodeURIComponent(encoded))).includes("states.amazonaws.com");
  } catch {
    return false;
  }
}

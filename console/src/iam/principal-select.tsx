import { ListRolesCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import FormField from "@cloudscape-design/components/form-field";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";

interface Props {
  value: string;
  onChange: (arn: string) => void;
  problem: string | undefined;
}

const words = texts.simulator;

/** A role or user, from the list or by its ARN: who may not list them can still name one. */
export function PrincipalSelect({ value, onChange, problem }: Props) {
  const { iam } = useClients();
  const known = useResource(async () => {
    const [roles, users] = await Promise.all([iam.send(new ListRolesCommand({ MaxItems: 1000 })), iam.send(new ListUsersCommand({ MaxItems: 1000 }))]);
    return [
      { label: texts.roles.title, options: (roles.Roles ?? []).map(({ Arn = "", RoleName = "" }) => ({ value: Arn, label: RoleName, description: Arn })) },
      { label: texts.users.title, options: (users.Users ?? []).map(({ Arn = "", UserName = "" }) => ({ value: Arn, label: UserName, description: Arn })) },
    ];
  }, [iam]);
  return (
    <FormField label={words.principal} errorText={problem}>
      <Autosuggest
        value={value}
        options={known.value ?? []}
        placeholder="arn:aws:iam::111122223333:role/StepFunctionsLambdaRole"
        enteredTextLabel={texts.use}
        empty={texts.table.noMatch}
        onChange={({ detail }) => onChange(detail.value.trim())}
      />
    </FormField>
  );
}

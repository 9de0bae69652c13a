import { ListRolesCommand } from "@aws-sdk/client-iam";
import Autosuggest from "@cloudscape-design/components/autosuggest";
import FormField from "@cloudscape-design/components/form-field";
import { describeFailure } from "../aws/failures.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";

interface Props {
  arn: string;
  onChange: (arn: string) => void;
  problem: string | undefined;
}

const words = texts.functions;

/** The role that a function runs with: those that trust Lambda are offered. */
export function FunctionRole({ arn, onChange, problem }: Props) {
  const { iam } = useClients();
  const roles = useResource(async () => (await iam.send(new ListRolesCommand({ MaxItems: 1000 }))).Roles ?? [], [iam]);
  const trusting = (roles.value ?? []).filter(({ AssumeRolePolicyDocument: trust = "" }) => decodeURIComponent(trust).includes("lambda.amazonaws.com"));
  return (
    <FormField label={words.role} description={words.roleDescription} errorText={problem}>
      <Autosuggest
        value={arn}
        options={trusting.map(({ Arn = "", RoleName = "" }) => ({ value: Arn, label: RoleName, description: Arn }))}
        enteredTextLabel={texts.use}
        empty={words.noRoles}
        statusType={roles.isLoading ? "loading" : roles.error === undefined ? "finished" : "error"}
        errorText={roles.error === undefined ? "" : describeFailure(roles.error).text}
        onChange={({ detail }) => onChange(detail.value.trim())}
      />
    </FormField>
  );
}

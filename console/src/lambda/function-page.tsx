import { type FunctionConfiguration, GetFunctionCommand } from "@aws-sdk/client-lambda";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useResource } from "../aws/use-resource.ts";
import { href, type Parameters } from "../router.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { Arn, nameOf } from "../ui/arn.tsx";
import { Facts } from "../ui/facts.tsx";
import { Loaded } from "../ui/loading.tsx";
import { Page } from "../ui/page.tsx";
import { CodeTab } from "./code-tab.tsx";
import { InvokeTab } from "./invoke-tab.tsx";
import { PermissionsTab } from "./permissions-tab.tsx";

const words = texts.functions;

export default function FunctionPage({ parameters }: { parameters: Parameters }) {
  const { lambda } = useClients();
  const name = parameters["name"] ?? "";
  const found = useResource(async () => (await lambda.send(new GetFunctionCommand({ FunctionName: name }))).Configuration ?? {}, [lambda, name]);
  return (
    <Page title={name} crumbs={[{ text: texts.navigation.lambda, href: "#/lambda/functions" }, { text: words.title, href: "#/lambda/functions" }]}>
      <Loaded resource={found}>{(value) => <Details configuration={value} reload={found.reload} />}</Loaded>
    </Page>
  );
}

function Details({ configuration, reload }: { configuration: FunctionConfiguration; reload: () => void }) {
  const { FunctionName: name = "", Runtime: runtime = "" } = configuration;
  return (
    <SpaceBetween size="l">
      <Facts
        title={texts.machine.details}
        facts={[
          ["ARN", <Arn arn={configuration.FunctionArn} />],
          [words.runtime, runtime],
          [words.handler, configuration.Handler],
          [words.role, <Link href={href(["iam", "roles", nameOf(configuration.Role)])}>{nameOf(configuration.Role)}</Link>],
          [words.size, words.bytes(configuration.CodeSize ?? 0)],
          [words.timeout, words.seconds(configuration.Timeout ?? 3)],
        ]}
      />
      <Tabs
        tabs={[
          { id: "invoke", label: words.invoke, content: <InvokeTab name={name} /> },
          { id: "code", label: words.code, content: <CodeTab name={name} runtime={runtime} onChanged={reload} /> },
          { id: "permissions", label: words.permissions, content: <PermissionsTab name={name} /> },
        ]}
      />
    </SpaceBetween>
  );
}

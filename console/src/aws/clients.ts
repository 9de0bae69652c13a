// AWS's own clients, against the server this page came from, signed with the credentials of who is signed in.
// Each loads with the first call, so that a page brings along only what it speaks to.
import type { IAMClient } from "@aws-sdk/client-iam";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { SFNClient } from "@aws-sdk/client-sfn";
import type { STSClient } from "@aws-sdk/client-sts";
import { StepwardClient } from "./stepward.ts";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** A client as pages use it: they send commands. */
type Sender<Client extends { send: unknown }> = Pick<Client, "send">;

export interface Clients {
  iam: Sender<IAMClient>;
  sfn: Sender<SFNClient>;
  sts: Sender<STSClient>;
  lambda: Sender<LambdaClient>;
  stepward: StepwardClient;
}

export function clients(credentials: Credentials, region: string, endpoint = window.location.origin): Clients {
  const settings = {
    endpoint,
    region,
    credentials,
    // A refusal is shown at once; only a lost connection is worth a second attempt.
    maxAttempts: 2,
    // StartSyncExecution and TestState would go to a host of their own.
    disableHostPrefix: true,
  };
  return {
    iam: whenUsed<IAMClient>(async () => new (await import("@aws-sdk/client-iam")).IAMClient(settings)),
    sfn: whenUsed<SFNClient>(async () => new (await import("@aws-sdk/client-sfn")).SFNClient(settings)),
    sts: whenUsed<STSClient>(async () => new (await import("@aws-sdk/client-sts")).STSClient(settings)),
    lambda: whenUsed<LambdaClient>(async () => new (await import("@aws-sdk/client-lambda")).LambdaClient(settings)),
    stepward: new StepwardClient(credentials, region, endpoint),
  };
}

function whenUsed<Client extends { send: unknown }>(load: () => Promise<Client>): Sender<Client> {
  let client: Promise<Client> | undefined;
  const send = async (command: unknown) => {
    client ??= load();
    return ((await client).send as (command: unknown) => unknown).call(await client, command);
  };
  return { send } as Sender<Client>;
}

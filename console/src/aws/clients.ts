// AWS's own clients, against the server this page came from, signed with the credentials of who is signed in.
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SFNClient } from "@aws-sdk/client-sfn";
import { STSClient } from "@aws-sdk/client-sts";
import { StepwardClient } from "./stepward.ts";

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface Clients {
  iam: IAMClient;
  sfn: SFNClient;
  sts: STSClient;
  lambda: LambdaClient;
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
    iam: new IAMClient(settings),
    sfn: new SFNClient(settings),
    sts: new STSClient(settings),
    lambda: new LambdaClient(settings),
    stepward: new StepwardClient(credentials, region, endpoint),
  };
}

// What a walk needs beforehand, made through AWS's own clients.
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SFNClient } from "@aws-sdk/client-sfn";
import { zipOf } from "../src/lambda/code-package.ts";

export const ACCOUNT = "000000000000";
const GREETER = 'def handler(event, context):\n    return {"greeting": "Hello, " + event["name"]}\n';

export function rootClients(endpoint: string) {
  const settings = { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" }, disableHostPrefix: true };
  return { iam: new IAMClient(settings), lambda: new LambdaClient(settings), sfn: new SFNClient(settings) };
}

export function trust(service: string): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }] });
}

/** A function that greets, and its ARN. */
export async function makeGreeter(endpoint: string): Promise<string> {
  const { iam, lambda } = rootClients(endpoint);
  const role = await iam.send(new CreateRoleCommand({ RoleName: "GreeterRole", AssumeRolePolicyDocument: trust("lambda.amazonaws.com") }));
  const made = await lambda.send(new CreateFunctionCommand({
    FunctionName: "Greeter", Runtime: "python3.12", Handler: "index.handler", Role: role.Role?.Arn, Timeout: 60,
    Code: { ZipFile: zipOf("index.py", new TextEncoder().encode(GREETER)) },
  }));
  return made.FunctionArn ?? "";
}

export function greeting(functionArn: string): string {
  return JSON.stringify({ StartAt: "Greet", States: { Greet: { Type: "Task", Resource: functionArn, End: true } } }, undefined, 2);
}

// Without --dev: a user who lacks rights sees AWS's denial in each place, and never a broken page. A role can be
// switched to, and its rights are then those of the console.
import {
  CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, IAMClient, PutRolePolicyCommand, PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, open, openPage, signIn } from "./browser.ts";
import { type Server, startServer } from "./server.ts";

const ACCOUNT = "123456789012";
const allow = (Action: string, Resource = "*") => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });

let server: Server;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  server = await startServer();
  browser = await launch();
  const { AccessKeyId, SecretAccessKey } = server.rootKey();
  const iam = new IAMClient({ endpoint: server.endpoint, region: "us-east-1", credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } });
  await iam.send(new CreateUserCommand({ UserName: "carol" }));
  const user = `arn:aws:iam::${ACCOUNT}:user/carol`;
  const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: user }, Action: "sts:AssumeRole" }] };
  await iam.send(new CreateRoleCommand({ RoleName: "Reader", AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(new PutRolePolicyCommand({ RoleName: "Reader", PolicyName: "Read", PolicyDocument: allow("iam:List*") }));
  await iam.send(new PutUserPolicyCommand({ UserName: "carol", PolicyName: "Switch", PolicyDocument: allow("sts:AssumeRole", `arn:aws:iam::${ACCOUNT}:role/Reader`) }));
  const key = (await iam.send(new CreateAccessKeyCommand({ UserName: "carol" }))).AccessKey;
  ({ page, problems } = await openPage(browser, server.endpoint));
  expect(await page.getByRole("button", { name: "Sign in as test" }).count()).toBe(0);
  await signIn(page, key?.AccessKeyId ?? "", key?.SecretAccessKey ?? "");
  await page.getByRole("heading", { name: "Welcome" }).waitFor();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("every page shows the denial in AWS's words, and none breaks", async () => {
  const arn = (service: string, resource: string) => encodeURIComponent(`arn:aws:${service}:${service === "iam" ? "" : "us-east-1"}:${ACCOUNT}:${resource}`);
  const pages = {
    "/iam/roles": "iam:ListRoles", "/iam/policies": "iam:ListPolicies", "/iam/users": "iam:ListUsers", "/iam/groups": "iam:ListGroups",
    "/iam/roles/Reader": "iam:GetRole", "/iam/users/carol": "iam:GetUser", "/iam/groups/Developers": "iam:GetGroup",
    "/iam/roles/Reader/inline-policy/Read": "iam:GetRolePolicy", [`/iam/policies/${arn("iam", "policy/Any")}`]: "iam:GetPolicy", [`/iam/policies/${arn("iam", "policy/Any")}/edit`]: "iam:GetPolicy",
    "/states/machines": "states:ListStateMachines", "/states/activities": "states:ListActivities", "/states/machines/create": "stepward:GeneratePolicy",
    [`/states/machines/${arn("states", "stateMachine:A")}`]: "states:DescribeStateMachine", [`/states/machines/${arn("states", "stateMachine:A")}/edit`]: "states:DescribeStateMachine",
    [`/states/executions/${arn("states", "execution:A:b")}`]: "states:DescribeExecution", [`/states/map-runs/${arn("states", "mapRun:A/b:c")}`]: "states:DescribeMapRun",
    "/lambda/functions": "lambda:ListFunctions", "/lambda/functions/Any": "lambda:GetFunction", "/decisions": "stepward:ListDecisions",
  };
  for (const [path, action] of Object.entries(pages)) {
    await open(page, path);
    await page.getByText(new RegExp(`user/carol is not authorized to perform: ${action}`)).first().waitFor();
    await page.getByText("You are not allowed to do this").first().waitFor();
  }
  expect(problems).toEqual([]);
});

test("forms that ask for nothing beforehand show the denial when they are sent", async () => {
  await open(page, "/iam/roles/create");
  await page.getByRole("button", { name: /^Service/ }).click();
  await page.getByRole("option", { name: /^Step Functions/ }).click();
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await page.getByText(/is not authorized to perform: iam:ListPolicies/).first().waitFor();
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await page.getByLabel("Role name").fill("Mine");
  await page.getByRole("button", { name: "Create role" }).click();
  await page.getByText(/is not authorized to perform: iam:CreateRole/).first().waitFor();
  await open(page, "/iam/simulator");
  await page.getByLabel("Role or user").fill(`arn:aws:iam::${ACCOUNT}:user/carol`);
  await page.keyboard.press("Escape");
  await page.getByLabel("Actions").fill("lambda:InvokeFunction");
  await page.getByRole("button", { name: "Simulate" }).click();
  await page.getByText(/is not authorized to perform: iam:SimulatePrincipalPolicy/).first().waitFor();
  await open(page, "/states/test");
  await page.getByRole("button", { name: "Start test" }).click();
  await page.getByText(/is not authorized to perform: states:TestState/).first().waitFor();
  await open(page, "/lambda/functions/create");
  await page.getByLabel("Function name").fill("Mine");
  await page.getByLabel("Execution role").fill(`arn:aws:iam::${ACCOUNT}:role/Reader`);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Create function" }).click();
  await page.getByText(/is not authorized to perform: (lambda:CreateFunction|iam:PassRole)/).first().waitFor();
  expect(problems).toEqual([]);
});

test("a form that is refused keeps what was typed", async () => {
  await open(page, "/iam/users");
  await page.getByRole("button", { name: "Create user" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("User name").fill("mallory");
  await dialog.getByRole("button", { name: "Create user" }).click();
  await dialog.getByText(/is not authorized to perform: iam:CreateUser/).waitFor();
  expect(await dialog.getByLabel("User name").inputValue()).toBe("mallory");
  await dialog.getByRole("button", { name: "Cancel" }).click();
});

test("a role is switched to, shown in the bar, and switched back from", async () => {
  await switchTo("");
  await page.getByText("Enter the ARN or the name of a role.").waitFor();
  await page.getByLabel(/^Role/).last().fill("Nobody");
  await page.getByRole("dialog").getByRole("button", { name: "Switch role" }).click();
  await page.getByText(/is not authorized to perform: sts:AssumeRole/).waitFor();
  await page.getByRole("dialog").getByLabel(/^Role/).fill("Reader");
  await page.getByRole("dialog").getByRole("button", { name: "Switch role" }).click();
  await page.getByRole("button", { name: new RegExp(`Role Reader @ ${ACCOUNT}`) }).waitFor();
  await open(page, "/iam/roles");
  await page.getByRole("link", { name: "Reader" }).waitFor();
  await page.getByRole("button", { name: /Role Reader/ }).click();
  await page.getByRole("menuitem", { name: "Switch back to carol" }).click();
  await page.getByText(/user\/carol is not authorized to perform: iam:ListRoles/).first().waitFor();
  expect(problems).toEqual([]);
});

async function switchTo(role: string): Promise<void> {
  await page.getByRole("button", { name: /carol @/ }).click();
  await page.getByRole("menuitem", { name: "Switch role" }).click();
  await page.getByRole("dialog").getByLabel(/^Role/).fill(role);
  await page.getByRole("dialog").getByRole("button", { name: "Switch role" }).click();
}

// What Stepward advises, in the browser: policies generated from a definition, a role checked against it, denials
// explained where they happen, and the least that a role was recorded to need.
import { CreateRoleCommand, GetRolePolicyCommand, ListRolePoliciesCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateStateMachineCommand } from "@aws-sdk/client-sfn";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { keepPicture, launch, open, openPage, signInAsTest } from "./browser.ts";
import { type Server, startServer } from "./server.ts";
import { ACCOUNT, greeting, makeGreeter, rootClients, trust } from "./setup.ts";

const part = encodeURIComponent;
const machineArn = (name: string) => `arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:${name}`;

let server: Server;
let browser: Browser;
let page: Page;
let problems: string[];
let functionArn: string;

beforeAll(async () => {
  server = await startServer("--dev");
  browser = await launch();
  functionArn = await makeGreeter(server.endpoint);
  const { iam, sfn } = rootClients(server.endpoint);
  const bare = await iam.send(new CreateRoleCommand({ RoleName: "BareRole", AssumeRolePolicyDocument: trust("states.amazonaws.com") }));
  await sfn.send(new CreateStateMachineCommand({ name: "Denied", definition: greeting(functionArn), roleArn: bare.Role?.Arn }));
  const broad = await iam.send(new CreateRoleCommand({ RoleName: "BroadRole", AssumeRolePolicyDocument: trust("states.amazonaws.com") }));
  const everything = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });
  await iam.send(new PutRolePolicyCommand({ RoleName: "BroadRole", PolicyName: "Everything", PolicyDocument: everything }));
  await sfn.send(new CreateStateMachineCommand({ name: "Broad", definition: greeting(functionArn), roleArn: broad.Role?.Arn }));
  ({ page, problems } = await openPage(browser, server.endpoint));
  await signInAsTest(page);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

const click = (name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" }).first().click();
const says = (text: string | RegExp) => page.getByText(text).first().waitFor();

test("Create role generates its policy from a state machine, shows it, and puts it into the role", async () => {
  onTestFailed(() => keepPicture(page));
  await open(page, "/iam/roles/create");
  await page.getByRole("button", { name: /^Service/ }).click();
  await page.getByRole("option", { name: /^Step Functions/ }).click();
  await click("Next");
  await click(/Generate from a state machine/);
  await page.getByRole("button", { name: /^State machine/ }).click();
  await page.getByRole("option", { name: "Denied" }).click();
  await page.getByRole("region", { name: "Generated policy" }).getByText("lambda:InvokeFunction").waitFor();
  await click("Next");
  await page.getByLabel("Role name").fill("MadeFromMachine");
  await click("Create role");
  await says("The role MadeFromMachine was created.");
  const { iam } = rootClients(server.endpoint);
  const held = await iam.send(new GetRolePolicyCommand({ RoleName: "MadeFromMachine", PolicyName: "GeneratedFromStateMachine" }));
  expect(decodeURIComponent(held.PolicyDocument ?? "")).toContain(functionArn);
  expect(problems).toEqual([]);
});

test("a role that cannot be made whole says so, and can be finished, kept or deleted", async () => {
  onTestFailed(() => keepPicture(page));
  await page.route("**/*", async (route) => {
    const body = route.request().postData() ?? "";
    if (!body.includes("Action=AttachRolePolicy")) return route.continue();
    return route.fulfill({ status: 403, contentType: "text/xml", body: "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: u is not authorized to perform: iam:AttachRolePolicy</Message></Error></ErrorResponse>" });
  });
  await open(page, "/iam/roles/create");
  await page.getByRole("button", { name: /^Service/ }).click();
  await page.getByRole("option", { name: /^Step Functions/ }).click();
  await click("Next");
  await page.getByPlaceholder("Find permissions policies").fill("AWSLambdaRole");
  await page.getByRole("checkbox", { name: /AWSLambdaRole$/ }).check();
  await click("Next");
  await page.getByLabel("Role name").fill("HalfMade");
  await click("Create role");
  await says("The role HalfMade was made, but not all that belongs to it");
  await says("Attach AWSLambdaRole");
  await says(/not authorized to perform: iam:AttachRolePolicy/);
  await page.unroute("**/*");
  await click("Try again");
  await says("The role HalfMade was created.");
  expect(problems).toEqual([]);
});

test("Create new role shows the role before it is made, and the state machine succeeds with it", async () => {
  onTestFailed(() => keepPicture(page));
  await open(page, "/states/machines/create");
  await page.getByRole("textbox", { name: "Definition" }).fill(greeting(functionArn));
  await page.getByLabel("State machine name").fill("Generated");
  await page.getByRole("region", { name: "Permissions policy" }).getByText(functionArn).waitFor();
  await page.getByRole("region", { name: "Trust policy" }).getByText("aws:SourceArn").waitFor();
  expect(await page.getByLabel("Role name").inputValue()).toBe("StepFunctions-Generated-role");
  await click("Create state machine");
  await says("The state machine Generated was created.");
  await run();
  await page.getByText("Succeeded", { exact: true }).first().waitFor();
  expect(problems).toEqual([]);
});

test("an existing role is checked against the definition, and what it lacks stands at the graph's node", async () => {
  onTestFailed(() => keepPicture(page));
  await open(page, "/states/machines/create");
  await page.getByRole("textbox", { name: "Definition" }).fill(greeting(functionArn));
  await page.getByRole("radio", { name: /Choose an existing role/ }).check();
  await page.getByLabel("Role", { exact: true }).fill(`arn:aws:iam::${ACCOUNT}:role/BareRole`);
  await page.keyboard.press("Escape");
  await page.getByRole("status", { name: "Findings" }).getByText(/Greet is denied lambda:InvokeFunction/).waitFor();
  await page.getByRole("group", { name: /^Greet, Task, .*Greet is denied lambda:InvokeFunction/s }).or(page.getByRole("button", { name: /^Greet, Task, .*Greet is denied lambda:InvokeFunction/s })).first().waitFor();
  await page.getByLabel("Role", { exact: true }).fill(`arn:aws:iam::${ACCOUNT}:role/BroadRole`);
  await page.keyboard.press("Escape");
  await page.getByText(/Greet is denied/).first().waitFor({ state: "detached" });
  expect(problems).toEqual([]);
});

test("a denied execution opens at the denial, leads to its fix, and succeeds when it is redriven", async () => {
  onTestFailed(() => keepPicture(page));
  await open(page, `/states/machines/${part(machineArn("Denied"))}`);
  await run();
  await says("BareRole may not lambda:InvokeFunction on function:Greeter");
  await says(/no policy of the role BareRole allows this call/);
  await says("BareRole has no identity-based policy with a statement that could have allowed it.");
  await page.getByRole("region", { name: "What would fix it" }).last().getByText(functionArn).waitFor();
  await page.getByRole("link", { name: "Add to BareRole" }).click();
  expect(await page.getByLabel("Policy name").inputValue()).toBe("AllowLambdaInvokeFunction");
  await click("Create policy");
  await page.getByRole("heading", { name: /^Execution / }).waitFor();
  await click("Redrive");
  await page.getByRole("dialog").getByRole("button", { name: "Redrive" }).click();
  await page.getByText("Succeeded", { exact: true }).first().waitFor();
  expect(problems).toEqual([]);
});

test("the calls of a state are those that it made itself", async () => {
  onTestFailed(() => keepPicture(page));
  await page.getByRole("button", { name: "Table view" }).click();
  await page.getByRole("button", { name: "Greet", exact: true }).last().click();
  await page.getByRole("tab", { name: "IAM decisions" }).click();
  const allowed = page.getByRole("button", { name: /Allowed lambda:InvokeFunction/ });
  await allowed.click();
  await says(/Because of AllowLambdaInvokeFunction statement 1/);
  expect(await allowed.count()).toBe(1);
  expect(problems).toEqual([]);
});

test("a role's suggested policy is the least that its calls need; replayed, and put in place of the broad one", async () => {
  onTestFailed(() => keepPicture(page));
  await open(page, `/states/machines/${part(machineArn("Broad"))}`);
  await run();
  await page.getByText("Succeeded", { exact: true }).first().waitFor();
  await open(page, "/iam/roles/BroadRole");
  await page.getByRole("tab", { name: "Suggested policy" }).click();
  await click("Suggest a policy");
  const suggested = page.getByRole("region", { name: "Suggested policy" });
  await suggested.getByText("lambda:InvokeFunction").waitFor();
  await suggested.getByText(functionArn).waitFor();
  await says("Every recorded call would be decided as it was.");
  await click("Replace the role's policies");
  await page.getByRole("dialog").getByRole("button", { name: "Replace the role's policies" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  const { iam } = rootClients(server.endpoint);
  expect((await iam.send(new ListRolePoliciesCommand({ RoleName: "BroadRole" }))).PolicyNames).toEqual(["LeastPrivilege"]);
  await open(page, `/states/machines/${part(machineArn("Broad"))}`);
  await run();
  await page.getByText("Succeeded", { exact: true }).first().waitFor();
  expect(problems).toEqual([]);
});

async function run(): Promise<void> {
  await click("Start execution");
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Input" }).fill('{ "name": "world" }');
  await dialog.getByRole("button", { name: "Start execution" }).click();
  await page.getByRole("heading", { name: /^Execution / }).waitFor();
}

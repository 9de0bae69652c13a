// What is done with state machines and executions: versions, aliases, tags, activities, Map runs, stop, redrive, and
// states tried in the editor.
import { CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateStateMachineCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from "vitest";
import { keepPicture, launch, open, openPage, signInAsTest } from "./browser.ts";
import { type Server, startServer } from "./server.ts";
import { ACCOUNT, greeting, makeGreeter, rootClients, trust } from "./setup.ts";

const part = encodeURIComponent;
const machineArn = (name: string) => `arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:${name}`;
const wait = JSON.stringify({ StartAt: "Pause", States: { Pause: { Type: "Wait", Seconds: 3600, Next: "Done" }, Done: { Type: "Succeed" } } });
const distributed = JSON.stringify({
  StartAt: "Each",
  States: {
    Each: {
      Type: "Map", ItemsPath: "$.items", End: true,
      ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, StartAt: "One", States: { One: { Type: "Pass", End: true } } },
    },
  },
});

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
  const role = await iam.send(new CreateRoleCommand({ RoleName: "Runner", AssumeRolePolicyDocument: trust("states.amazonaws.com") }));
  const everything = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: ["states:*", "lambda:*"], Resource: "*" }] });
  await iam.send(new PutRolePolicyCommand({ RoleName: "Runner", PolicyName: "All", PolicyDocument: everything }));
  for (const [name, definition] of Object.entries({ Waiting: wait, Mapping: distributed, Greeting: greeting(functionArn) })) {
    await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn: role.Role?.Arn }));
  }
  ({ page, problems } = await openPage(browser, server.endpoint));
  await signInAsTest(page);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(() => {
  onTestFailed(() => keepPicture(page));
});

const click = (name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" }).first().click();
const says = (text: string | RegExp) => page.getByText(text).first().waitFor();
const dialog = () => page.getByRole("dialog");
const tab = (name: string) => page.getByRole("tab", { name, exact: true }).click();
const row = (name: string | RegExp) => page.getByRole("row", { name });

test("versions are published and deleted", async () => {
  await open(page, `/states/machines/${part(machineArn("Greeting"))}`);
  await tab("Versions");
  await click("Publish version");
  await row(/^Select .*:1/).or(row(/^1 /)).first().waitFor();
  await open(page, `/states/machines/${part(machineArn("Greeting"))}/edit`);
  await page.getByRole("textbox", { name: "Definition" }).fill(greeting(functionArn).replace('"End": true', '"Comment": "two", "End": true'));
  await page.getByRole("checkbox", { name: "Publish a version" }).check();
  await click("Save changes");
  await says("Saved: state machine Greeting.");
  await tab("Versions");
  await page.getByRole("radio").nth(1).waitFor();
  await click("Publish version");
  expect(problems).toEqual([]);
});

test("an alias is made, refused when it is wrong, routed between two versions, started, and deleted", async () => {
  await open(page, `/states/machines/${part(machineArn("Greeting"))}`);
  await tab("Aliases");
  await click("Create alias");
  await dialog().getByRole("button", { name: "Create alias" }).click();
  await dialog().getByText(/A name has at most 80 letters/).waitFor();
  await dialog().getByText("Choose a version.").waitFor();
  await dialog().getByLabel("Alias name").fill("123");
  await dialog().getByText(/is not a number/).waitFor();
  await dialog().getByLabel("Alias name").fill("live");
  await choose("Version", "1");
  await dialog().getByRole("button", { name: "Create alias" }).click();
  await says("Version 1: 100 %");
  await page.getByRole("radio").first().check();
  await click("Edit");
  await choose("Second version (optional)", "1");
  await dialog().getByText("Choose another version than the first.").waitFor();
  await choose("Second version (optional)", "2");
  await dialog().getByLabel("Share of the first version in %").fill("150");
  await dialog().getByText("Enter a whole number from 0 to 100.").waitFor();
  await dialog().getByLabel("Share of the first version in %").fill("90");
  await dialog().getByRole("button", { name: "Save changes" }).click();
  await says("Version 1: 90 %, Version 2: 10 %");
  await page.getByRole("radio").first().check();
  await page.getByRole("tabpanel").getByRole("button", { name: "Start execution" }).click();
  await dialog().getByLabel("Execution name").fill("a b:c");
  await dialog().getByText(/A name has at most 80 characters, without spaces/).waitFor();
  await dialog().getByLabel("Execution name").fill("by-alias");
  await dialog().getByRole("textbox", { name: "Input" }).fill('{ "name": "alias" }');
  await dialog().getByRole("button", { name: "Start execution" }).click();
  await page.getByRole("heading", { name: "Execution by-alias" }).waitFor();
  await page.getByText("Succeeded", { exact: true }).first().waitFor();
  await open(page, `/states/machines/${part(machineArn("Greeting"))}`);
  await tab("Aliases");
  await page.getByRole("radio").first().check();
  await page.getByRole("tabpanel").getByRole("button", { name: "Delete" }).click();
  await says("There are no aliases.");
  expect(problems).toEqual([]);
});

test("a running execution is stopped and redriven", async () => {
  await open(page, `/states/machines/${part(machineArn("Waiting"))}`);
  await click("Start execution");
  await dialog().getByRole("button", { name: "Start execution" }).click();
  await page.getByText("Running", { exact: true }).first().waitFor();
  await click("Stop execution");
  await dialog().getByRole("button", { name: "Stop execution" }).click();
  await page.getByText("Aborted", { exact: true }).first().waitFor();
  await click("Redrive");
  await dialog().getByRole("button", { name: "Redrive" }).click();
  await page.getByText("Running", { exact: true }).first().waitFor();
  await says("Redrives");
  expect(problems).toEqual([]);
});

test("a Map run shows its items, and leads back to its execution", async () => {
  const { sfn } = rootClients(server.endpoint);
  const { executionArn = "" } = await sfn.send(new StartExecutionCommand({ stateMachineArn: machineArn("Mapping"), input: '{"items":[1,2,3]}' }));
  await open(page, `/states/executions/${part(executionArn)}`);
  await page.getByText("Succeeded", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Table view" }).click();
  await page.getByRole("button", { name: "Each", exact: true }).click();
  await page.getByRole("link", { name: "Open the Map run" }).click();
  await page.getByRole("heading", { name: /^Map run / }).waitFor();
  const fact = (label: RegExp) => page.locator("dt", { hasText: label }).locator("xpath=following-sibling::dd");
  await fact(/^Items$/).getByText("3", { exact: true }).waitFor();
  await says("The child executions run inside of their execution, and are not listed.");
  await fact(/^Parent execution$/).getByRole("link").click();
  await page.getByRole("heading", { name: /^Execution / }).waitFor();
  expect(problems).toEqual([]);
});

test("tags of a state machine are added, refused when they are wrong, and removed", async () => {
  await open(page, `/states/machines/${part(machineArn("Waiting"))}`);
  await tab("Tags");
  await click("Add new tag");
  await page.getByPlaceholder("Enter key").fill("aws:team");
  await page.getByPlaceholder("Enter value").fill("blue");
  await says("A key may not start with aws:");
  expect(await page.getByRole("button", { name: "Save tags" }).isDisabled()).toBe(true);
  await page.getByPlaceholder("Enter key").fill("team");
  await page.keyboard.press("Escape");
  await click("Save tags");
  await says("Saved: Tags Waiting.");
  await page.getByRole("button", { name: /^Remove/ }).first().click();
  await click("Save tags");
  await says("There are no tags.");
  expect(problems).toEqual([]);
});

test("activities are made and deleted", async () => {
  await open(page, "/states/activities");
  await click("Create activity");
  await dialog().getByLabel("Name").fill("Approve");
  await dialog().getByRole("button", { name: "Create activity" }).click();
  await says("The activity Approve was created.");
  await page.getByRole("radio").first().check();
  await click("Delete");
  await dialog().getByRole("button", { name: "Delete" }).click();
  await says("There are no activities.");
  expect(problems).toEqual([]);
});

test("a state that is selected on the graph is tried in the editor, with the role, with mocks, and on each level", async () => {
  await open(page, `/states/machines/${part(machineArn("Greeting"))}/edit`);
  await says("Select a state on the graph to try it.");
  await page.locator(".state-node").first().click();
  await page.getByRole("heading", { name: "Test Greet" }).waitFor();
  await page.getByRole("textbox", { name: "State input" }).fill('{ "name": "Ada" }');
  await click("Start test");
  const result = page.getByRole("region", { name: "Result" });
  await result.getByRole("region", { name: "Output" }).getByText("Hello, Ada").waitFor();
  await click("Trace");
  await click("Mock a result");
  await page.getByRole("textbox", { name: "Mocked result" }).fill("{ oops");
  await says(/This is no JSON/);
  expect(await page.getByRole("button", { name: "Start test" }).isDisabled()).toBe(true);
  await page.getByRole("textbox", { name: "Mocked result" }).fill('{ "mocked": true }');
  await click("Start test");
  await result.getByRole("region", { name: "Output" }).getByText("mocked").waitFor();
  await click("Mock an error");
  await page.getByLabel("Error name").fill("Lambda.Unknown");
  await click("Start test");
  await result.getByText("Lambda.Unknown").first().waitFor();
  expect(problems).toEqual([]);
});

test("the editor completes fields, types and states, and draws what is typed", async () => {
  await open(page, "/states/machines/create");
  const text = page.getByRole("textbox", { name: "Definition" });
  await text.fill('{ "StartAt": "A", "States": { "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "');
  await page.keyboard.press("Control+End");
  await page.keyboard.type("Succ");
  await page.getByRole("option", { name: "Succeed" }).waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+End");
  await page.keyboard.type('" } } }');
  await text.fill('{ "StartAt": "A", "States": { "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Succeed" } } }');
  await page.locator(".state-node", { hasText: "B" }).waitFor();
  await page.getByRole("status", { name: "Findings" }).getByText("No findings").waitFor();
  await text.fill('{ "StartAt": "A", "States": { "A": { "Type": "Pass", "Next": "C" }, "B": { "Type": "Succeed" } } }');
  await page.getByRole("status", { name: "Findings" }).getByText(/MISSING_TRANSITION_TARGET/).first().waitFor();
  expect(problems).toEqual([]);
});

async function choose(label: string, option: string): Promise<void> {
  await dialog().getByRole("button", { name: new RegExp(`^${label.replace(/[()]/g, "\\$&")}`) }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

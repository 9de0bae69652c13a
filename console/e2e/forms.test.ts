// Wrong input in each form: what is wrong is said in words, at its place, and nothing is made.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launch, open, openPage, signIn, signInAsTest } from "./browser.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  server = await startServer("--dev");
  browser = await launch();
  ({ page, problems } = await openPage(browser, server.endpoint));
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

beforeEach(async ({ task }) => {
  if (task.name.startsWith("Signing in")) return;
  await open(page, "/");
  await page.getByRole("heading", { name: "Welcome" }).waitFor();
});

const says = (text: string | RegExp) => page.getByText(text).first().waitFor();
const click = (name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" }).click();

test("Signing in asks for what is missing and says what does not fit", async () => {
  await click("Sign in");
  await says("Enter the access key ID.");
  await says("Enter the secret access key.");
  await signIn(page, "AKIANOBODYKNOWSTHIS0", "wrong");
  await says("This access key is not known");
  await signIn(page, "test", "wrong");
  await says("The secret access key does not fit");
  await signInAsTest(page);
  expect(problems).toEqual([]);
});

test("Create role refuses a wrong account, a broken trust policy and a name that IAM does not take", async () => {
  await open(page, "/iam/roles/create");
  await page.getByRole("radio", { name: /^AWS account/ }).check();
  await page.getByLabel("Account ID").fill("12");
  await click("Next");
  await says("An account ID has 12 digits.");
  await page.getByRole("radio", { name: /^Web identity/ }).check();
  await click("Next");
  await says("Enter the ARN of an OpenID Connect provider.");
  await page.getByRole("radio", { name: /^Custom trust policy/ }).check();
  await page.getByRole("textbox", { name: "Trust policy" }).fill('{ "Version": "2012-10-17", "Statement": [] }');
  await click("Next");
  await says("A policy has a Statement.");
  await page.getByRole("radio", { name: /^AWS service/ }).check();
  await page.getByRole("button", { name: /^Service/ }).click();
  await page.getByRole("option", { name: /^Step Functions/ }).click();
  await click("Next");
  await click("Next");
  await page.getByLabel("Role name").fill("not/a name");
  await click("Create role");
  await says("A name has letters, digits and + = , . @ _ - only.");
  await page.getByRole("checkbox", { name: "Prevent the confused deputy problem" }).check();
  await page.getByRole("textbox", { name: "Trust policy" }).getByText("aws:SourceArn").waitFor();
  await page.getByRole("textbox", { name: "Trust policy" }).fill("{");
  await page.getByLabel("Role name").fill("Fine");
  await click("Create role");
  expect(await page.getByText("The role Fine was created.").count()).toBe(0);
  expect(problems).toEqual([]);
});

test("the policy editor finds what is wrong while it is typed, and saves nothing", async () => {
  await open(page, "/iam/policies/create");
  await page.getByRole("tab", { name: "JSON" }).click();
  const text = page.getByRole("textbox", { name: "Policy JSON" });
  await text.fill('{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "lambda:InvokFunction", "Resource": "*" }] }');
  await says("The action lambda:InvokFunction is not known.");
  await text.fill('{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "Greeter" }] }');
  await says(/Greeter is no ARN/);
  await text.fill('{ "Version": ');
  await page.getByRole("tab", { name: "Visual editor" }).click();
  await says("The visual editor cannot show this text");
  await click("Create policy");
  await says("Enter a name.");
  expect(problems).toEqual([]);
});

test("users, groups and activities need names that AWS takes, and say so when one is there already", async () => {
  await open(page, "/iam/users");
  await page.getByRole("button", { name: "Create user" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create user" }).click();
  await dialog.getByText("Enter a name.").waitFor();
  await dialog.getByLabel("User name").fill("a b");
  await dialog.getByText(/A name has letters/).waitFor();
  await dialog.getByLabel("User name").fill("alice");
  await dialog.getByRole("button", { name: "Create user" }).click();
  await page.getByRole("heading", { name: "alice", exact: true }).waitFor();
  await open(page, "/iam/users");
  await page.getByRole("button", { name: "Create user" }).first().click();
  await dialog.getByLabel("User name").fill("alice");
  await dialog.getByRole("button", { name: "Create user" }).click();
  await says(/User with name alice already exists/);
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await open(page, "/states/activities");
  await page.getByRole("button", { name: "Create activity" }).first().click();
  await dialog.getByLabel("Name").fill("a/b");
  await dialog.getByRole("button", { name: "Create activity" }).click();
  await dialog.getByText(/A name has 1 to 80/).waitFor();
  expect(problems).toEqual([]);
});

test("Create state machine shows findings of the definition, and refuses a wrong name and role", async () => {
  await open(page, "/states/machines/create");
  await page.getByRole("textbox", { name: "Definition" }).fill('{ "StartAt": "A", "States": { "A": { "Type": "Pass", "Next": "Gone" } } }');
  await page.getByRole("status", { name: "Findings" }).getByText(/MISSING_TRANSITION_TARGET/).first().waitFor();
  await page.getByLabel("State machine name").fill("no good");
  await page.getByRole("radio", { name: /Choose an existing role/ }).check();
  await click("Create state machine");
  await says("A name has 1 to 80 letters, digits, - and _ only.");
  await says("Enter the ARN of a role.");
  await page.getByLabel("State machine name").fill("Good");
  await page.getByLabel("Role", { exact: true }).fill("arn:aws:iam::000000000000:role/Nobody");
  await page.keyboard.press("Escape");
  await click("Create state machine");
  await says(/The request was refused|You are not allowed/);
  expect(problems).toEqual([]);
});

test("Create function and the simulator say what is missing", async () => {
  await open(page, "/lambda/functions/create");
  await click("Create function");
  await says("A name has 1 to 64 letters, digits, - and _ only.");
  await says("Enter the ARN of a role.");
  await open(page, "/iam/simulator");
  await click("Simulate");
  await says("Choose a role or user.");
  await says("Write each action as service:Action.");
  await page.getByLabel("Role or user").fill("arn:aws:iam::000000000000:user/alice");
  await page.keyboard.press("Escape");
  await page.getByLabel("Actions").fill("lambda:InvokeFunction");
  await click("Simulate");
  await says("lambda:InvokeFunction on * is denied");
  await says(/Nothing is allowed in IAM until a policy allows it, and no policy of the user alice/);
  await says("What would fix it");
  expect(problems).toEqual([]);
});

test("Test state says that its input is no JSON, and shows the result of a good one", async () => {
  await open(page, "/states/test");
  await page.getByRole("textbox", { name: "State input" }).fill('{ "name": ');
  await says(/This is no JSON/);
  expect(await page.getByRole("button", { name: "Start test" }).isDisabled()).toBe(true);
  await page.getByRole("textbox", { name: "State input" }).fill('{ "name": "Ada" }');
  await click("Start test");
  await page.getByRole("region", { name: "Output" }).getByText("Ada").waitFor();
  expect(problems).toEqual([]);
});

test("a page that does not exist says so", async () => {
  await open(page, "/nothing/here");
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  expect(problems).toEqual([]);
});

// The guide "How AWS Step Functions works with IAM", followed in the browser: a role is made for Step Functions, a
// state machine that runs with it is denied, an inline policy is added, and the state machine succeeds.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { keepPicture, launch, openPage, signInAsTest } from "./browser.ts";
import { type Server, startServer } from "./server.ts";
import { ACCOUNT, greeting, makeGreeter } from "./setup.ts";

const ROLE = "StepFunctionsLambdaRole";
let server: Server;
let browser: Browser;
let page: Page;
let problems: string[];
let functionArn: string;

beforeAll(async () => {
  server = await startServer("--dev");
  browser = await launch();
  functionArn = await makeGreeter(server.endpoint);
  ({ page, problems } = await openPage(browser, server.endpoint));
  await signInAsTest(page);
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await keepPicture(page);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("Create role makes a role for Step Functions, which appears in the list", async () => {
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await page.getByRole("link", { name: "Create role" }).first().click();
  await page.getByRole("heading", { name: "Select trusted entity" }).waitFor();
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await page.getByText("Choose a service.", { exact: true }).waitFor();
  await page.getByRole("button", { name: /^Service/ }).click();
  await page.getByRole("option", { name: /^Step Functions/ }).click();
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await page.getByRole("heading", { name: "Attached permissions policy" }).waitFor();
  await page.getByRole("button", { name: "Next", exact: true }).click();
  await page.getByRole("heading", { name: "Review", exact: true }).waitFor();
  await page.getByRole("button", { name: "Create role" }).click();
  await page.getByText("Enter a name.").waitFor();
  await page.getByLabel("Role name").fill(ROLE);
  await page.getByRole("button", { name: "Create role" }).click();
  await page.getByText(`The role ${ROLE} was created.`).waitFor();
  await page.getByRole("link", { name: ROLE }).waitFor();
  expect(problems).toEqual([]);
});

test("a state machine with that role is created, and its execution is denied, with the reason and the fix", async () => {
  await page.getByRole("link", { name: "State machines", exact: true }).first().click();
  await page.getByRole("link", { name: "Create state machine" }).first().click();
  await page.getByLabel("State machine name").fill("Greeting");
  await page.getByRole("textbox", { name: "Definition" }).fill(greeting(functionArn));
  await page.getByRole("radio", { name: /Choose an existing role/ }).check();
  await page.getByLabel("Role", { exact: true }).fill(`arn:aws:iam::${ACCOUNT}:role/${ROLE}`);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Create state machine" }).click();
  await page.getByText("The state machine Greeting was created.").waitFor();
  await run(page);
  await page.getByText("Failed", { exact: true }).first().waitFor();
  await page.getByText(/is not authorized to perform: lambda:InvokeFunction/).first().waitFor();
  await page.getByRole("button", { name: /^Greet, Task/ }).or(page.locator(".state-node")).first().click();
  await page.getByRole("tab", { name: "IAM decisions" }).click();
  await page.getByText("What would fix it").first().waitFor();
  expect(problems).toEqual([]);
});

test("Add inline policy lets the role invoke the function, in the visual editor and in JSON alike", async () => {
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await page.getByPlaceholder("Find roles").fill("StepFunctions");
  await page.getByRole("link", { name: ROLE }).click();
  await page.getByRole("button", { name: "Add inline policy" }).click();
  await page.getByRole("button", { name: "Create policy" }).click();
  await page.getByText("Enter a name.").waitFor();
  await page.getByRole("button", { name: /^Service/ }).click();
  await page.getByPlaceholder("Find").or(page.getByRole("combobox")).last().fill("lambda");
  await page.getByRole("option", { name: /^Lambda/ }).click();
  await page.getByPlaceholder("Filter actions").fill("InvokeFunction");
  await page.getByRole("checkbox", { name: "InvokeFunction", exact: true }).check();
  await page.getByRole("button", { name: "Add ARN of function", exact: true }).click();
  await page.getByLabel("FunctionName").fill("Greeter");
  await page.getByRole("button", { name: "Add ARN", exact: true }).click();
  await page.getByRole("tab", { name: "JSON" }).click();
  const json = JSON.parse((await page.getByRole("textbox", { name: "Policy JSON" }).innerText()).trim());
  expect(json.Statement).toEqual([{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: functionArn }]);
  await page.getByLabel("Policy name").fill("InvokeGreeter");
  await page.getByRole("button", { name: "Create policy" }).click();
  await page.getByRole("link", { name: "InvokeGreeter" }).waitFor();
  expect(problems).toEqual([]);
});

test("with the policy the state machine succeeds", async () => {
  await page.getByRole("link", { name: "State machines", exact: true }).first().click();
  await page.getByRole("link", { name: "Greeting" }).click();
  await run(page);
  await page.getByText("Succeeded", { exact: true }).first().waitFor();
  await page.getByRole("tab", { name: "Output" }).first().click();
  await page.getByText("Hello, world").first().waitFor();
  expect(problems).toEqual([]);
});

async function run(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Start execution" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Input" }).fill('{ "name": ');
  await dialog.getByText(/This is no JSON/).first().waitFor();
  await dialog.getByRole("textbox", { name: "Input" }).fill('{ "name": "world" }');
  await dialog.getByRole("button", { name: "Start execution" }).click();
  await page.getByRole("heading", { name: /^Execution / }).waitFor();
}

// Lambda in the browser: a function is made, invoked, given new code, opened to others, and deleted.
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from "vitest";
import { zipOf } from "../src/lambda/code-package.ts";
import { keepPicture, launch, open, openPage, signInAsTest } from "./browser.ts";
import { type Server, startServer } from "./server.ts";
import { ACCOUNT, rootClients, trust } from "./setup.ts";

let server: Server;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  server = await startServer("--dev");
  browser = await launch();
  await rootClients(server.endpoint).iam.send(new CreateRoleCommand({ RoleName: "FunctionRole", AssumeRolePolicyDocument: trust("lambda.amazonaws.com") }));
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
const zip = (code: string) => ({ name: "code.zip", mimeType: "application/zip", buffer: Buffer.from(zipOf("index.py", new TextEncoder().encode(code))) });

test("a function is made from code that is written here, and invoked", async () => {
  await open(page, "/lambda/functions");
  await says("There are no functions.");
  await page.getByRole("link", { name: "Create function" }).first().click();
  await page.getByLabel("Function name").fill("Hello");
  await page.getByRole("button", { name: /^Runtime/ }).click();
  await page.getByRole("option", { name: "python3.12" }).click();
  await page.getByLabel("Execution role").fill(`arn:aws:iam::${ACCOUNT}:role/FunctionRole`);
  await page.keyboard.press("Escape");
  await click("Create function");
  await says("The function Hello was created.");
  await page.getByRole("textbox", { name: "Event" }).fill("{ oops");
  await says(/This is no JSON/);
  expect(await page.getByRole("button", { name: "Invoke", exact: true }).isDisabled()).toBe(true);
  await page.getByRole("textbox", { name: "Event" }).fill('{ "name": "Ada" }');
  await page.getByRole("button", { name: "Invoke", exact: true }).click();
  await page.getByRole("region", { name: "Answer" }).getByText("Hello, Ada").waitFor();
  await page.getByRole("textbox", { name: "Event" }).fill("{}");
  await page.getByRole("button", { name: "Invoke", exact: true }).click();
  await says("Failed: Unhandled");
  await page.getByRole("region", { name: "Answer" }).getByText("KeyError").first().waitFor();
  expect(problems).toEqual([]);
});

test("new code is uploaded as a .zip; what is no .zip is refused in words", async () => {
  await tab("Code");
  expect(await page.getByRole("button", { name: "Deploy", exact: true }).isDisabled()).toBe(true);
  await page.locator('input[type="file"]').setInputFiles({ name: "code.zip", mimeType: "application/zip", buffer: Buffer.from("no zip") });
  await click("Deploy");
  await says(/The request was refused/);
  await page.getByRole("button", { name: "Remove file 1" }).click();
  await page.locator('input[type="file"]').setInputFiles(zip("def handler(event, context):\n    return {\"greeting\": \"Goodbye\"}\n"));
  await click("Deploy");
  await says("Saved: Code Hello.");
  await tab("Invoke");
  await page.getByRole("button", { name: "Invoke", exact: true }).click();
  await page.getByRole("region", { name: "Answer" }).getByText("Goodbye").waitFor();
  expect(problems).toEqual([]);
});

test("a permission is added, refused when it is wrong or there already, and removed", async () => {
  await tab("Permissions");
  await says("The function has no resource-based policy.");
  await click("Add permission");
  const add = () => dialog().getByRole("button", { name: "Add permission" }).click();
  await add();
  await dialog().getByText("A statement ID has letters, digits, - and _ only.").waitFor();
  await dialog().getByText("Enter a principal.").waitFor();
  await dialog().getByLabel("Statement ID").fill("let-states");
  await dialog().getByLabel("Principal").fill("states.amazonaws.com");
  await dialog().getByLabel("Action").fill("sqs:SendMessage");
  await dialog().getByLabel("Source ARN").fill("machine");
  await dialog().getByText(/Write an action of Lambda/).waitFor();
  await dialog().getByText(/An ARN looks like/).waitFor();
  await dialog().getByLabel("Action").fill("lambda:InvokeFunction");
  await dialog().getByLabel("Source ARN").fill(`arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:A`);
  await add();
  await page.getByRole("row", { name: /let-states/ }).getByText("stateMachine:A").waitFor();
  await click("Add permission");
  await dialog().getByLabel("Statement ID").fill("let-states");
  await dialog().getByLabel("Principal").fill("states.amazonaws.com");
  await add();
  await dialog().getByText(/already exists/).first().waitFor();
  await dialog().getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("radio").first().check();
  await page.getByRole("tabpanel").getByRole("button", { name: "Remove" }).click();
  await says("The function has no resource-based policy.");
  expect(problems).toEqual([]);
});

test("a function is deleted when its name is typed", async () => {
  await open(page, "/lambda/functions");
  await page.getByRole("radio").first().check();
  await click("Delete");
  await dialog().getByLabel(/To confirm/).fill("Hello");
  await dialog().getByRole("button", { name: "Delete" }).click();
  await says("There are no functions.");
  expect(problems).toEqual([]);
});

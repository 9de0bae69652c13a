// The guide's path without a mouse: Tab, arrows, Enter and typing only.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFailed, test } from "vitest";
import { keepPicture, launch, openPage } from "./browser.ts";
import { type Server, startServer } from "./server.ts";
import { makeGreeter } from "./setup.ts";

/** Nothing on a page is further away than this. */
const TABS_MAX = 90;

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
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("a role is made, found in the list, and given an inline policy", { timeout: 240_000 }, async () => {
  onTestFailed(() => keepPicture(page));
  await page.getByRole("button", { name: "Sign in as test" }).waitFor();
  await press("Sign in as test");
  await page.getByRole("heading", { name: "Welcome" }).waitFor();
  await press("Roles");
  await page.getByRole("heading", { name: "Roles", exact: true }).first().waitFor();
  await press("Create role");
  await page.getByRole("heading", { name: "Select trusted entity" }).waitFor();
  await reach(/^Service/);
  await page.keyboard.press("Enter");
  await page.keyboard.type("Step Functions");
  await page.getByRole("option", { name: /^Step Functions/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await press("Next");
  await page.getByRole("heading", { name: "Attached permissions policy" }).waitFor();
  await press("Next");
  await page.getByRole("heading", { name: "Review", exact: true }).waitFor();
  await reach("Role name");
  await page.keyboard.type("StepFunctionsLambdaRole");
  await press("Create role");
  await page.getByText("The role StepFunctionsLambdaRole was created.").waitFor();
  await press("StepFunctionsLambdaRole");
  await page.getByRole("heading", { name: "StepFunctionsLambdaRole", exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Add inline policy" }).waitFor();
  await press("Add inline policy");
  await page.getByRole("tab", { name: "Visual editor" }).waitFor();
  await reach("Visual editor");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", { name: "Policy JSON" }).waitFor();
  await reach("Policy JSON");
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: functionArn }] }));
  // The editor takes Tab for itself no longer once Escape was pressed.
  await page.keyboard.press("Escape");
  await reach("Policy name");
  await page.keyboard.type("InvokeGreeter");
  await press("Create policy");
  await page.getByRole("link", { name: "InvokeGreeter" }).waitFor();
  expect(problems).toEqual([]);
});

async function press(name: string | RegExp): Promise<void> {
  await reach(name);
  await page.keyboard.press("Enter");
}

/** Goes on with Tab until what has the focus is called so. */
async function reach(name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    const focused = await nameOfFocused();
    if (typeof name === "string" ? focused === name : name.test(focused)) return;
    seen.push(focused);
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${name}; it led to ${seen.join(" | ")}`);
}

/** As a screen reader says it. */
function nameOfFocused(): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    if (!element || element === document.body) return "";
    const of = (ids: string | null) => (ids ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();
    const labels = (element as HTMLInputElement).labels;
    return (element.getAttribute("aria-label") ?? (of(element.getAttribute("aria-labelledby")) || labels?.[0]?.textContent || element.textContent) ?? "").trim();
  });
}

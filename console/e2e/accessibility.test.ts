// Every page: axe-core finds no serious problem. And what the first page weighs.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, open, openPage, signInAsTest } from "./browser.ts";
import { type Server, startServer } from "./server.ts";
import { makeStory, type Story } from "./story.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Of what is needed until somebody can type, and of everything until the console is shown. */
const SIGN_IN_BYTES_MAX = 60_000;
const FIRST_PAGE_BYTES_MAX = 1_000_000;

let server: Server;
let browser: Browser;
let page: Page;
let story: Story;

beforeAll(async () => {
  server = await startServer("--dev");
  browser = await launch();
  story = await makeStory(server.endpoint);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("the sign-in page is small, and with the console behind it the first page weighs at most 1 MB", async () => {
  const context = await browser.newContext();
  page = await context.newPage();
  // What follows while somebody types is held back: the form must do without it.
  await page.route(/console-[\w-]+\.js$/, () => undefined);
  await page.goto(server.endpoint);
  await page.getByRole("button", { name: "Sign in as test" }).waitFor();
  await page.getByLabel("Access key ID").fill("AKIA");
  const first = await transferred(page, /index-|texts-|config/);
  expect(first).toBeGreaterThan(5_000);
  expect(first).toBeLessThan(SIGN_IN_BYTES_MAX);
  await page.close();
  ({ page } = await openPage(browser, server.endpoint));
  await signInAsTest(page);
  const whole = await transferred(page, /./);
  expect(whole).toBeGreaterThan(100_000);
  expect(whole).toBeLessThan(FIRST_PAGE_BYTES_MAX);
  await page.close();
});

function transferred(page: Page, which: RegExp): Promise<number> {
  return page.evaluate((source) => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")] as PerformanceResourceTiming[];
    return entries.filter(({ name }) => new RegExp(source).test(name)).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  }, which.source);
}

test("the page runs under its content security policy, and no code from elsewhere does", async () => {
  ({ page } = await openPage(browser, server.endpoint));
  const refused = await page.evaluate(() => new Promise<boolean>((resolve) => {
    const script = document.createElement("script");
    script.textContent = "window.wasRun = true";
    document.head.append(script);
    resolve(!("wasRun" in window));
  }));
  expect(refused).toBe(true);
});

for (const mode of ["light", "dark"] as const) {
  test(`no page has a serious problem in ${mode} mode`, { timeout: 600_000 }, async () => {
    ({ page } = await openPage(browser, server.endpoint));
    // Colours are judged as they stay, not while something fades in.
    await page.emulateMedia({ reducedMotion: "reduce" });
    page.setDefaultTimeout(60_000);
    await page.getByRole("button", { name: "Sign in as test" }).waitFor();
    if (mode === "dark") await page.getByRole("button", { name: "Dark mode" }).click();
    const found: Record<string, string[]> = { "sign-in": await seriousProblems(page) };
    await signInAsTest(page);
    for (const [name, { path, ready }] of Object.entries(story.pages)) {
      await open(page, path);
      await page.getByText(ready).first().waitFor();
      found[name] = await seriousProblems(page);
    }
    await page.close();
    expect(Object.fromEntries(Object.entries(found).filter(([, problems]) => problems.length > 0))).toEqual({});
  });
}

async function seriousProblems(page: Page): Promise<string[]> {
  // Spinners and fading are over before colours are judged.
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => Promise.all(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished.catch(() => undefined))));
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(AXE);
  const results = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, failureSummary = "" }) => `${html.slice(0, 120)}: ${failureSummary.slice(0, 240)}`).join(" | ")}`);
}

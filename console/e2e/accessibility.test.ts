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
const FIRST_PAINT_BYTES_MAX = 1_000_000;

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

test("the first page weighs at most 1 MB", async () => {
  ({ page } = await openPage(browser, server.endpoint));
  await page.getByRole("button", { name: "Sign in as test" }).waitFor();
  const bytes = await page.evaluate(() => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return (entries as PerformanceResourceTiming[]).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  });
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(FIRST_PAINT_BYTES_MAX);
});

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

test("no page has a serious problem", { timeout: 400_000 }, async () => {
  ({ page } = await openPage(browser, server.endpoint));
  await page.getByRole("button", { name: "Sign in as test" }).waitFor();
  const found: Record<string, string[]> = { "sign-in": await seriousProblems(page) };
  await signInAsTest(page);
  for (const [name, { path, ready }] of Object.entries(story.pages)) {
    await open(page, path);
    await page.getByText(ready).first().waitFor();
    found[name] = await seriousProblems(page);
  }
  expect(Object.fromEntries(Object.entries(found).filter(([, problems]) => problems.length > 0))).toEqual({});
});

async function seriousProblems(page: Page): Promise<string[]> {
  // Spinners and fading are over before colours are judged.
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => Promise.all(document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().iterations !== Infinity).map(({ finished }) => finished.catch(() => undefined))));
  // Evaluated by the debugger, which the page's policy does not bind.
  await page.evaluate(AXE);
  const results = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

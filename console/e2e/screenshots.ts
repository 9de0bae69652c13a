// Draws every page into docs/screenshots: `cargo xtask screenshots`.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { launch, open, openPage, signInAsTest } from "./browser.ts";
import { startServer } from "./server.ts";
import { makeStory } from "./story.ts";

const folder = join(import.meta.dirname, "../../docs/screenshots");

/** What is done on a page before it is drawn. */
const acts: Record<string, (page: Page) => Promise<void>> = {
  execution: async (page) => {
    // It opens at the denial by itself.
    await page.getByText("What would fix it").first().waitFor();
    await page.getByRole("heading", { name: "States", exact: true }).evaluate((heading) => {
      const { top } = heading.getBoundingClientRect();
      window.scrollBy(0, top - 90);
    });
  },
  "create-role": async (page) => {
    await page.getByRole("button", { name: /^Service/ }).click();
    await page.getByRole("option", { name: /^Step Functions/ }).click();
  },
  simulator: async (page) => {
    await page.getByRole("button", { name: "Simulate" }).click();
    await page.getByText("is denied").or(page.getByText("is allowed")).first().waitFor();
  },
  decisions: async (page) => {
    await page.getByRole("row", { name: /Denied/ }).first().getByRole("radio").check();
    await page.getByText("What would fix it").first().waitFor();
  },
  "edit-state-machine": async (page) => {
    await page.locator(".state-node", { hasText: "Prepare" }).first().click();
    await page.getByRole("textbox", { name: "State input" }).fill('{ "people": ["Ada", "Grace"] }');
    await page.getByRole("button", { name: "Start test" }).click();
    await page.getByRole("region", { name: "Result" }).getByText("Succeeded").waitFor();
  },
  "suggested-policy": async (page) => {
    await page.getByRole("tab", { name: "Suggested policy" }).click();
    await page.getByRole("button", { name: "Suggest a policy" }).click();
    await page.getByText("What would change").waitFor();
  },
};

test("draws every page", async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const server = await startServer("--dev");
  const browser = await launch();
  try {
    const story = await makeStory(server.endpoint);
    const { page, problems } = await openPage(browser, server.endpoint);
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.getByRole("button", { name: "Sign in as test" }).waitFor();
    await draw(page, "sign-in");
    await signInAsTest(page);
    for (const [name, { path, ready }] of Object.entries(story.pages)) {
      await open(page, path);
      await page.getByText(ready).first().waitFor();
      await page.waitForLoadState("networkidle");
      await acts[name]?.(page);
      await draw(page, name);
    }
    await page.getByRole("button", { name: "Dark mode" }).click();
    await open(page, story.pages["execution"]?.path ?? "/");
    await acts["execution"]?.(page);
    await draw(page, "execution-dark");
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
    await server.stop();
  }
});

async function draw(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled", caret: "hide" });
}

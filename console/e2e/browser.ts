// Debian's Chromium, driven by Playwright; nothing is downloaded.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium", args: FLAGS });
}

/** A new page that has signed nobody in; what goes wrong in it fails the test. */
export async function openPage(browser: Browser, endpoint: string): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    // Refused requests are logged by the browser itself; the pages show them in words.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) problems.push(message.text());
  });
  await page.goto(endpoint);
  return { page, problems };
}

export async function signInAsTest(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Sign in as test" }).click();
  await page.getByRole("heading", { name: "Welcome" }).waitFor();
}

export async function signIn(page: Page, keyId: string, secret: string): Promise<void> {
  await page.getByLabel("Access key ID").fill(keyId);
  await page.getByLabel("Secret access key").fill(secret);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export async function open(page: Page, hash: string): Promise<void> {
  await page.evaluate((to) => {
    window.location.hash = to;
  }, hash);
}

/** What was seen when a test failed; the place is in the test's output. */
export async function keepPicture(page: Page): Promise<void> {
  const path = join(tmpdir(), "stepward-console-failure.png");
  await page.screenshot({ path, fullPage: true });
  process.stderr.write(`What was seen: ${path}\n`);
}

// How long the first page takes, and how much of that is the page's own work: `npm run measure`. It prints and asserts
// nothing: times belong to the machine. Scripting time is processor time, which a busy machine changes little.
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { launch } from "./browser.ts";
import { type Server, startServer } from "./server.ts";

const ROUNDS = 7;

let server: Server;
let browser: Browser;

beforeAll(async () => {
  server = await startServer("--dev");
  browser = await launch();
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

test("the sign-in page and the first page behind it", async () => {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure());
  for (const name of Object.keys(rounds[0] ?? {}) as (keyof Round)[]) {
    const values = rounds.map((round) => round[name]).sort((one, other) => one - other);
    process.stdout.write(`${name.padEnd(44)} median ${Math.round(values[ROUNDS >> 1] ?? 0)}  (${values.map(Math.round).join(" ")})\n`);
  }
});

type Round = Awaited<ReturnType<typeof measure>>;

async function measure() {
  // A context of its own: nothing is in the cache.
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await page.goto(server.endpoint, { waitUntil: "commit" });
  await page.getByLabel("Access key ID").fill("AKIA");
  const typed = await elapsed(page);
  const signIn = await script(session);
  const signInBytes = await bytes(page);
  await page.getByRole("button", { name: "Sign in as test" }).waitFor();
  await page.waitForLoadState("networkidle");
  const ready = await script(session);
  const before = await elapsed(page);
  await page.getByRole("button", { name: "Sign in as test" }).click();
  await page.getByRole("link", { name: "Create role" }).waitFor();
  const shown = (await elapsed(page)) - before;
  const whole = await script(session);
  const wholeBytes = await bytes(page);
  await context.close();
  return {
    "sign-in page: typed into, ms": typed,
    "sign-in page: main thread until then, CPU ms": signIn,
    "sign-in page: bytes": signInBytes,
    "console loaded behind it, CPU ms more": ready - signIn,
    "signed in -> first page usable, ms": shown,
    "signed in -> first page usable, CPU ms": whole - ready,
    "everything: bytes": wholeBytes,
  };
}

function elapsed(page: Page): Promise<number> {
  return page.evaluate(() => performance.now());
}

/** Processor time of scripts, styles and layout on the page's main thread. */
async function script(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1_000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0);
}

function bytes(page: Page): Promise<number> {
  return page.evaluate(() => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")] as PerformanceResourceTiming[];
    return entries.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
  });
}

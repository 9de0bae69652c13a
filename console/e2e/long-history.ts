// How smooth a long history and a large graph are: `npm run measure`. Prints, asserts nothing.
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { CreateStateMachineCommand, DescribeExecutionCommand, GetExecutionHistoryCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { launch, open, openPage, signInAsTest } from "./browser.ts";
import { type Server, startServer } from "./server.ts";
import { rootClients, trust } from "./setup.ts";

/** A loop of a Choice and a Pass until the history is full (AWS: 25,000 events). */
const LOOP = JSON.stringify({
  QueryLanguage: "JSONata", StartAt: "Begin",
  States: {
    Begin: { Type: "Pass", Assign: { n: 0 }, Next: "More?" },
    "More?": { Type: "Choice", Choices: [{ Condition: "{% $n < 6200 %}", Next: "Count" }], Default: "Done" },
    Count: { Type: "Pass", Assign: { n: "{% $n + 1 %}" }, Next: "More?" },
    Done: { Type: "Succeed" },
  },
});
const CHAIN = JSON.stringify({
  StartAt: "S0",
  States: Object.fromEntries(Array.from({ length: 200 }, (_, at) => {
    const next = at === 199 ? { End: true } : { Next: `S${at + 1}` };
    return [`S${at}`, at % 10 === 5 && at < 190 ? { Type: "Choice", Choices: [{ Variable: "$.a", IsPresent: true, Next: `S${at + 3}` }], Default: `S${at + 1}` } : { Type: "Pass", ...next }];
  })),
});

let server: Server;
let browser: Browser;
let page: Page;
const executions: Record<string, string> = {};
const counts: Record<string, number> = {};

beforeAll(async () => {
  server = await startServer("--dev");
  browser = await launch();
  const { iam, sfn } = rootClients(server.endpoint);
  const role = await iam.send(new CreateRoleCommand({ RoleName: "Runner", AssumeRolePolicyDocument: trust("states.amazonaws.com") }));
  for (const [name, definition] of Object.entries({ Loop: LOOP, Chain: CHAIN })) {
    const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn: role.Role?.Arn }));
    const { executionArn = "" } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: "{}" }));
    while ((await sfn.send(new DescribeExecutionCommand({ executionArn }))).status === "RUNNING") await new Promise((resolve) => setTimeout(resolve, 100));
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 1 }));
    process.stdout.write(`${name}: ${events[0]?.id} events\n`);
    executions[name] = executionArn;
    counts[name] = events[0]?.id ?? 0;
  }
  ({ page } = await openPage(browser, server.endpoint));
  page.setDefaultTimeout(120_000);
  await signInAsTest(page);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
});

for (const name of ["Loop", "Chain"]) {
  test(`${name} is opened and scrolled`, async () => {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const cpu = async () => 1_000 * ((await session.send("Performance.getMetrics")).metrics.find(({ name: metric }) => metric === "TaskDuration")?.value ?? 0);
    const [from, cpuFrom] = [Date.now(), await cpu()];
    await open(page, `/states/executions/${encodeURIComponent(executions[name] ?? "")}`);
    await page.getByRole("tab", { name: "Input" }).first().waitFor();
    await page.locator(".state-node").first().waitFor();
    print(name, "first states seen", Date.now() - from, (await cpu()) - cpuFrom);
    await page.getByRole("heading", { name: `Events (${counts[name]})` }).waitFor();
    print(name, "all events loaded", Date.now() - from, (await cpu()) - cpuFrom);
    const scrolling = await cpu();
    const frames = await framesWhile(page, () => scroll(page));
    print(name, `scrolled: ${frames.count} frames, median ${frames.median} ms, 95th ${frames.p95} ms, longest ${frames.longest} ms`, 0, (await cpu()) - scrolling);
    const paging = await cpu();
    await page.getByRole("button", { name: "Next page" }).last().click();
    print(name, "next page of events", 0, (await cpu()) - paging);
    if (process.env["PICTURES"]) await page.screenshot({ path: `${process.env["PICTURES"]}/${name}.png`, fullPage: true });
    const table = await cpu();
    await page.getByRole("button", { name: "Table view" }).click();
    await page.getByRole("table", { name: "States" }).waitFor();
    print(name, "table of states", 0, (await cpu()) - table);
    const selecting = await cpu();
    await page.getByRole("table", { name: "States" }).getByRole("row").nth(1).getByRole("button").first().click();
    await page.getByRole("region", { name: /^Details of/ }).waitFor();
    print(name, "state chosen", 0, (await cpu()) - selecting);
  });
}

function print(name: string, what: string, wall: number, cpu: number): void {
  process.stdout.write(`${name}: ${what}: ${wall ? `${wall} ms, ` : ""}${Math.round(cpu)} CPU ms\n`);
}

async function scroll(page: Page): Promise<void> {
  await page.mouse.move(700, 900);
  for (let at = 0; at < 40; at += 1) await page.mouse.wheel(0, at < 20 ? 120 : -120);
}

/** Lengths of the frames that were drawn meanwhile. */
async function framesWhile(page: Page, act: () => Promise<void>) {
  await page.evaluate(() => {
    const lengths: number[] = [];
    let last = performance.now();
    const next = (now: number) => {
      lengths.push(now - last);
      last = now;
      if (Reflect.get(window, "frameLengths")) requestAnimationFrame(next);
    };
    Reflect.set(window, "frameLengths", lengths);
    requestAnimationFrame(next);
  });
  await act();
  const lengths = await page.evaluate(() => {
    const found = Reflect.get(window, "frameLengths") as number[];
    Reflect.set(window, "frameLengths", undefined);
    return found.slice(1).sort((one, other) => one - other);
  });
  const at = (part: number) => Math.round(lengths[Math.floor(part * (lengths.length - 1))] ?? 0);
  return { count: lengths.length, median: at(0.5), p95: at(0.95), longest: at(1) };
}

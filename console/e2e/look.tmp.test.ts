import { test } from "vitest";
import { launch, openPage, signInAsTest, open } from "./browser.ts";
import { startServer } from "./server.ts";
test("look", async () => {
  const server = await startServer("--dev");
  const browser = await launch();
  const { page, problems } = await openPage(browser, server.endpoint);
  try {
    await page.getByRole("button", { name: "Sign in as test" }).waitFor();
    await page.screenshot({ path: "/tmp/shots/signin.png" });
    await signInAsTest(page);
    await page.screenshot({ path: "/tmp/shots/home.png" });
    for (const [name, hash] of Object.entries({ roles: "/iam/roles", createrole: "/iam/roles/create", createmachine: "/states/machines/create", inline: "/iam/roles/X/inline-policy", teststate: "/states/test", sim: "/iam/simulator", decisions: "/decisions", fn: "/lambda/functions/create" })) {
      await open(page, hash);
      await page.waitForTimeout(1500);
      await page.screenshot({ path: `/tmp/shots/${name}.png` });
    }
  } finally {
    console.log(problems.slice(0, 20));
    await browser.close();
    await server.stop();
  }
}, 120000);

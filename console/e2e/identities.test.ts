// IAM in the browser beyond roles: users, their keys and groups, policies with versions and holders, boundaries, tags,
// last accessed, and the simulator's reasons.
import { CreatePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from "vitest";
import { keepPicture, launch, open, openPage, signIn, signInAsTest } from "./browser.ts";
import { type Server, startServer } from "./server.ts";
import { ACCOUNT, rootClients, trust } from "./setup.ts";

const policy = (effect: string, action: string, resource = "*") => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: effect, Action: action, Resource: resource }] });

let server: Server;
let browser: Browser;
let page: Page;
let problems: string[];

beforeAll(async () => {
  server = await startServer("--dev");
  browser = await launch();
  const { iam } = rootClients(server.endpoint);
  await iam.send(new CreateRoleCommand({ RoleName: "Worker", AssumeRolePolicyDocument: trust("states.amazonaws.com") }));
  await iam.send(new PutRolePolicyCommand({ RoleName: "Worker", PolicyName: "Invoke", PolicyDocument: policy("Allow", "lambda:InvokeFunction") }));
  await iam.send(new CreatePolicyCommand({ PolicyName: "QueuesOnly", PolicyDocument: policy("Allow", "sqs:*") }));
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

test("a group is made, given a policy, joined by a user, and deleted", async () => {
  await open(page, "/iam/groups");
  await click("Create group");
  await dialog().getByLabel("Group name").fill("no spaces");
  await dialog().getByRole("button", { name: "Create group" }).click();
  await dialog().getByText(/A name has letters/).waitFor();
  await dialog().getByLabel("Group name").fill("Developers");
  await dialog().getByRole("button", { name: "Create group" }).click();
  await page.getByRole("heading", { name: "Developers", exact: true }).waitFor();
  await tab("Permissions");
  await page.getByRole("button", { name: "More ways to add permissions" }).click();
  await page.getByRole("menuitem", { name: "Attach policies" }).click();
  await dialog().getByPlaceholder("Find policies").fill("QueuesOnly");
  await dialog().getByRole("checkbox", { name: /QueuesOnly$/ }).check();
  await dialog().getByRole("button", { name: "Attach policies" }).click();
  await says("Attached: QueuesOnly.");
  await page.getByRole("tabpanel").getByRole("link", { name: "QueuesOnly" }).waitFor();
  await open(page, "/iam/users");
  await click("Create user");
  await dialog().getByLabel("User name").fill("bob");
  await dialog().getByRole("button", { name: "Create user" }).click();
  await page.getByRole("heading", { name: "bob", exact: true }).waitFor();
  await tab("User groups");
  await click("Add to group");
  await page.getByRole("menuitem", { name: "Developers" }).click();
  await page.getByRole("tabpanel").getByRole("link", { name: "Developers" }).waitFor();
  await open(page, "/iam/groups/Developers");
  await page.getByRole("link", { name: "bob" }).waitFor();
  expect(problems).toEqual([]);
});

test("an access key is shown once, signs in, is switched off, and deleted", async () => {
  await open(page, "/iam/users/bob");
  await tab("Access keys");
  await click("Create access key");
  await says("This is the only time that the secret can be seen.");
  const made = page.getByRole("tabpanel");
  const id = (await made.getByText(/^AKIA\w+$/).first().innerText()).trim();
  const secret = (await made.getByText(/^[\w+/]{40}$/).first().innerText()).trim();
  const other = await openPage(browser, server.endpoint);
  await signIn(other.page, id, secret);
  await other.page.getByRole("button", { name: /bob @/ }).waitFor();
  await other.page.close();
  await page.getByRole("radio").first().check();
  await click("Deactivate");
  await says("Inactive");
  await page.getByRole("radio").first().check();
  await click("Activate");
  await page.getByText("Active", { exact: true }).first().waitFor();
  await page.getByRole("radio").first().check();
  await made.getByRole("button", { name: "Delete" }).click();
  await dialog().getByLabel(/To confirm/).fill("AKIA");
  expect(await dialog().getByRole("button", { name: "Delete" }).isDisabled()).toBe(true);
  await dialog().getByLabel(/To confirm/).fill(id);
  await dialog().getByRole("button", { name: "Delete" }).click();
  await says("There are no access keys.");
  expect(problems).toEqual([]);
});

test("a policy gets a second version, goes back to the first, is attached, detached and deleted", async () => {
  const arn = `arn:aws:iam::${ACCOUNT}:policy/QueuesOnly`;
  await open(page, `/iam/policies/${encodeURIComponent(arn)}/edit`);
  await tab("JSON");
  await page.getByRole("textbox", { name: "Policy JSON" }).fill(policy("Allow", "sqs:SendMessage"));
  await click("Save new version");
  await says("Saved: policy QueuesOnly.");
  await tab("Versions");
  await says("v2 (default)");
  await page.getByRole("radio").nth(1).check();
  await says("sqs:*");
  await click("Set as default");
  await says("v1 (default)");
  await page.getByRole("radio").first().check();
  await page.getByRole("tabpanel").getByRole("button", { name: "Delete" }).click();
  await page.getByText("v2").first().waitFor({ state: "detached" });
  await tab("Entities attached");
  await click("Attach");
  await dialog().getByRole("button", { name: /Entities attached/ }).click();
  await page.getByRole("option", { name: "Worker" }).click();
  await page.keyboard.press("Escape");
  await dialog().getByRole("button", { name: "Attach policies" }).click();
  await page.getByRole("tabpanel").getByRole("link", { name: "Worker" }).waitFor();
  await page.getByRole("row", { name: /Worker/ }).getByRole("checkbox").check();
  await click("Detach");
  await says("Removed: Worker.");
  expect(problems).toEqual([]);
});

test("a permissions boundary is set, changed and removed", async () => {
  await open(page, "/iam/roles/Worker");
  await click(/^Permissions boundary/);
  await click("Set permissions boundary");
  const set = page.getByRole("button", { name: "Set permissions boundary" });
  expect(await set.isDisabled()).toBe(true);
  await page.getByPlaceholder("Find choose a boundary").fill("QueuesOnly");
  await page.getByRole("radio", { name: /QueuesOnly$/ }).check();
  await set.click();
  await page.getByRole("button", { name: "Remove boundary" }).waitFor();
  await says(`arn:aws:iam::${ACCOUNT}:policy/QueuesOnly`);
  expect(problems).toEqual([]);
});

test("the simulator says why: what the boundary caps, what a Deny forbids, and what is missing", async () => {
  const role = `arn:aws:iam::${ACCOUNT}:role/Worker`;
  await open(page, `/iam/simulator?principal=${encodeURIComponent(role)}&action=lambda:InvokeFunction`);
  await page.getByLabel("Resource").fill("Greeter");
  await click("Simulate");
  await says("Write an ARN, or * for any resource.");
  await page.getByLabel("Resource").fill("arn:aws:lambda:us-east-1:000000000000:function:Greeter");
  await click("Simulate");
  await says(/The permissions boundary of the role Worker is the most that can be allowed/);
  await open(page, "/iam/roles/Worker");
  await click("Remove boundary");
  await page.getByRole("button", { name: "Remove boundary" }).waitFor({ state: "detached" });
  await open(page, `/iam/simulator?principal=${encodeURIComponent(role)}&action=lambda:InvokeFunction`);
  await click("Simulate");
  await says(/lambda:InvokeFunction on \* is allowed/);
  await page.getByRole("region", { name: /^Matched: a statement of Invoke/ }).getByText("lambda:InvokeFunction").first().waitFor();
  await page.getByLabel("Actions").fill("sqs:SendMessage");
  await click("Simulate");
  await says("Worker may not sqs:SendMessage on *");
  await page.getByRole("region", { name: "What would fix it" }).last().getByText("sqs:SendMessage").waitFor();
  await page.getByRole("link", { name: "Add to Worker" }).waitFor();
  const { iam } = rootClients(server.endpoint);
  await iam.send(new PutRolePolicyCommand({ RoleName: "Worker", PolicyName: "NoQueues", PolicyDocument: policy("Deny", "sqs:*") }));
  await click("Simulate");
  await says(/The policy NoQueues forbids it/);
  await page.getByRole("region", { name: /^Matched: a statement of NoQueues/ }).getByText("Deny").first().waitFor();
  expect(problems).toEqual([]);
});

test("tags, trust policy and last accessed of a role", async () => {
  await open(page, "/iam/roles/Worker");
  await tab("Tags");
  await click("Add new tag");
  await page.getByPlaceholder("Enter key").fill("bad*key");
  await says(/A key has letters, digits/);
  await page.getByPlaceholder("Enter key").fill("team");
  await page.keyboard.press("Escape");
  await page.getByPlaceholder("Enter value").fill("blue");
  await page.keyboard.press("Escape");
  await click("Save tags");
  await says("Saved: Tags Worker.");
  await tab("Trust relationships");
  await click("Edit trust policy");
  const text = page.getByRole("textbox", { name: "Trust policy" });
  await text.fill('{ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": "states.example.com" }, "Action": "sts:AssumeRole" }] }');
  await page.getByRole("status", { name: "Findings" }).getByText(/states.example.com is no service principal/).waitFor();
  await text.fill('{ "Version": "2012-10-17", "Statement": [] }');
  await page.getByRole("status", { name: "Findings" }).getByText(/A policy has a Statement/).waitFor();
  expect(await page.getByRole("button", { name: "Update policy" }).isDisabled()).toBe(true);
  await text.fill(trust("lambda.amazonaws.com"));
  await click("Update policy");
  await says("Saved: Trust policy Worker.");
  await tab("Last accessed");
  await page.getByRole("row", { name: /Lambda/ }).getByText("Not accessed").waitFor();
  expect(problems).toEqual([]);
});

test("users, groups, policies and roles are deleted with what hangs on them", async () => {
  for (const [path, name] of [["/iam/users/bob", "bob"], ["/iam/groups/Developers", "Developers"], ["/iam/roles/Worker", "Worker"]] as const) {
    await open(page, path);
    await page.getByRole("heading", { name, exact: true }).waitFor();
    await page.getByRole("button", { name: "Delete" }).first().click();
    await dialog().getByLabel(/To confirm/).fill(name);
    await dialog().getByRole("button", { name: "Delete" }).click();
    await says(new RegExp(`The (user|user group|role) ${name} was deleted.`));
  }
  await open(page, "/iam/policies");
  await page.getByPlaceholder("Find policies").fill("QueuesOnly");
  await page.getByRole("radio", { name: /QueuesOnly$/ }).check();
  await click("Delete");
  await dialog().getByLabel(/To confirm/).fill("QueuesOnly");
  await dialog().getByRole("button", { name: "Delete" }).click();
  await says("The policy QueuesOnly was deleted.");
  expect(problems).toEqual([]);
});

// The first thing that loads: the sign-in page, which is a few kilobytes. The console itself follows while somebody
// types, and is shown once they are known.
import { SignInPage } from "./session/sign-in-page.ts";
import type { ServerConfig } from "./session/server-config.ts";
import { loadServerConfig } from "./session/server-config.ts";
import type { Credentials } from "./aws/clients.ts";
import { restoreAppearance } from "./ui/appearance.ts";

const loadConsole = () => import("./console.tsx");

restoreAppearance();
const root = document.getElementById("root");
if (root) void welcome(root);

async function welcome(root: HTMLElement): Promise<void> {
  const asked = loadServerConfig();
  const page = new SignInPage(root, async (credentials) => open(credentials, await asked, root));
  asked.then(
    (config) => page.offer(config),
    (error: unknown) => page.fail(error),
  );
  whenIdle(() => void loadConsole());
}

async function open(credentials: Credentials, config: ServerConfig, root: HTMLElement): Promise<void> {
  const { signIn, start } = await loadConsole();
  const session = await signIn(credentials, config);
  // Leaving the page forgets the credentials, wherever they were.
  start(session, root, () => window.location.reload());
}

/** After what the person sees is done: typing is never held up by what loads. */
function whenIdle(act: () => void): void {
  const idle = () => (window.requestIdleCallback ?? setTimeout)(act);
  if (document.readyState === "complete") idle();
  else window.addEventListener("load", idle, { once: true });
}

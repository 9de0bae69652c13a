import "@cloudscape-design/global-styles/index.css";
import "./console.css";
import { I18nProvider } from "@cloudscape-design/components/i18n";
import messages from "@cloudscape-design/components/i18n/messages/all.en";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import type { Session } from "./session/session.ts";

export { signIn } from "./session/session.ts";

/** Shows the console in place of the sign-in page. */
export function start(session: Session, root: HTMLElement, onSignOut: () => void): void {
  root.replaceChildren();
  document.getElementById("top")?.replaceChildren();
  createRoot(root).render(
    <StrictMode>
      <I18nProvider locale="en" messages={[messages]}>
        <App initial={session} onSignOut={onSignOut} />
      </I18nProvider>
    </StrictMode>,
  );
}

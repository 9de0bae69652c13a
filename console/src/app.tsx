import Box from "@cloudscape-design/components/box";
import { useState } from "react";
import { useResource } from "./aws/use-resource.ts";
import { loadServerConfig } from "./session/server-config.ts";
import { type Session, SessionContext } from "./session/session.ts";
import { SignIn } from "./session/sign-in.tsx";
import { Shell } from "./shell.tsx";
import { TopBar } from "./top-bar.tsx";
import { Loaded } from "./ui/loading.tsx";
import { NoticesProvider } from "./ui/notices.tsx";

export function App() {
  const config = useResource(loadServerConfig, []);
  const [session, setSession] = useState<Session>();
  if (!session) {
    return (
      <>
        <TopBar />
        <main>
          <Box padding="l"><Loaded resource={config}>{(value) => <SignIn config={value} onSignedIn={setSession} />}</Loaded></Box>
        </main>
      </>
    );
  }
  const control = {
    session,
    switchTo: setSession,
    switchBack: () => setSession(session.base ?? session),
    signOut: () => setSession(undefined),
  };
  return (
    <SessionContext value={control}>
      <NoticesProvider>
        <TopBar />
        {/* Another caller sees everything anew. */}
        <Shell key={session.arn} />
      </NoticesProvider>
    </SessionContext>
  );
}

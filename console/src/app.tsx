import { useState } from "react";
import { type Session, SessionContext } from "./session/session.ts";
import { Shell } from "./shell.tsx";
import { TopBar } from "./top-bar.tsx";
import { NoticesProvider } from "./ui/notices.tsx";

interface Props {
  initial: Session;
  onSignOut: () => void;
}

export function App({ initial, onSignOut }: Props) {
  const [session, setSession] = useState<Session>(initial);
  const control = {
    session,
    switchTo: setSession,
    switchBack: () => setSession(session.base ?? session),
    signOut: onSignOut,
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

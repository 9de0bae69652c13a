// Who is signed in. Credentials live in this page's memory only: closing or reloading it forgets them.
import { createContext, useContext } from "react";
import { type Clients, clients, type Credentials } from "../aws/clients.ts";
import { type ServerConfig } from "./server-config.ts";

export interface Session {
  account: string;
  /** ARN of the caller. */
  arn: string;
  region: string;
  clients: Clients;
  /** The session that switched to this role. */
  base?: Session;
}

export interface SessionControl {
  session: Session;
  switchTo: (session: Session) => void;
  switchBack: () => void;
  signOut: () => void;
}

export const SessionContext = createContext<SessionControl | undefined>(undefined);

export function useSession(): SessionControl {
  const control = useContext(SessionContext);
  if (!control) throw new Error("used outside of a session");
  return control;
}

export function useClients(): Clients {
  return useSession().session.clients;
}

/** Proves the credentials with a call that needs no rights. */
export async function signIn(credentials: Credentials, config: ServerConfig): Promise<Session> {
  const made = clients(credentials, config.region);
  const { GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
  const identity = await made.sts.send(new GetCallerIdentityCommand({}));
  return { account: identity.Account ?? "", arn: identity.Arn ?? "", region: config.region, clients: made };
}

export interface RoleSwitch {
  roleArn: string;
  externalId?: string;
}

export async function switchRole(base: Session, asked: RoleSwitch): Promise<Session> {
  const { AssumeRoleCommand } = await import("@aws-sdk/client-sts");
  const answer = await base.clients.sts.send(
    new AssumeRoleCommand({
      RoleArn: asked.roleArn,
      RoleSessionName: "console",
      ...(asked.externalId ? { ExternalId: asked.externalId } : {}),
    }),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = answer.Credentials ?? {};
  const session = await signIn(
    { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    { region: base.region, isDev: false, version: "" },
  );
  return { ...session, base };
}

/** `role/Name` or `user/Name` as people say it. */
export function callerName(arn: string): string {
  if (arn.endsWith(":root")) return "root";
  const [kind = "", ...rest] = (arn.split(":").slice(5).join(":") || arn).split("/");
  return kind === "assumed-role" ? (rest[0] ?? arn) : (rest[rest.length - 1] ?? arn);
}

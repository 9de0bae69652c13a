// When roles were last used. ListRoles does not say it; GetRole does, one role at a time.
import { GetRoleCommand } from "@aws-sdk/client-iam";
import { ago } from "../ui/time.tsx";
import type { Clients } from "../aws/clients.ts";

export type LastActivity = Map<string, string>;

/** More would take longer than a person looks at the list. */
const ROLES_MAX = 200;
const AT_ONCE = 8;

export async function lastActivity(iam: Clients["iam"], names: string[]): Promise<LastActivity> {
  const found: LastActivity = new Map();
  const waiting = names.slice(0, ROLES_MAX);
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      // Who may list roles may not be allowed to read each: those stay without a time.
      const role = await iam.send(new GetRoleCommand({ RoleName: name })).catch(() => undefined);
      const used = role?.Role?.RoleLastUsed?.LastUsedDate;
      if (used) found.set(name, ago(used));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

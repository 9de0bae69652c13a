// What IAM accepts as a name (AWS: IAM and STS quotas).
import { texts } from "../texts.ts";

const words = texts.names;

function problem(name: string, longest: number): string | undefined {
  if (!name) return words.missing;
  if (name.length > longest) return words.long(longest);
  return /^[\w+=,.@-]+$/.test(name) ? undefined : words.characters;
}

export const roleNameProblem = (name: string) => problem(name, 64);
export const userNameProblem = (name: string) => problem(name, 64);
export const groupNameProblem = (name: string) => problem(name, 128);
export const policyNameProblem = (name: string) => problem(name, 128);

export function accountProblem(account: string): string | undefined {
  return /^\d{12}$/.test(account) ? undefined : words.account;
}

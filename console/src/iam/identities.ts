// Roles, users and groups hold policies in the same way; IAM names each call after the kind.
import {
  AttachGroupPolicyCommand, AttachRolePolicyCommand, AttachUserPolicyCommand, DeleteGroupPolicyCommand, DeleteRolePolicyCommand,
  DeleteUserPolicyCommand, DetachGroupPolicyCommand, DetachRolePolicyCommand, DetachUserPolicyCommand, GetGroupPolicyCommand,
  GetRolePolicyCommand, GetUserPolicyCommand, ListAttachedGroupPoliciesCommand, ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand, ListGroupPoliciesCommand, ListRolePoliciesCommand, ListUserPoliciesCommand, PutGroupPolicyCommand,
  PutRolePolicyCommand, PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { decodeDocument } from "./trust.ts";
import type { Clients } from "../aws/clients.ts";

export type IdentityKind = "roles" | "users" | "groups";

export interface Identity {
  kind: IdentityKind;
  name: string;
}

export interface HeldPolicy {
  name: string;
  /** Of a managed policy; none for an inline one. */
  arn?: string;
}

const MOST = 1000;

export async function heldPolicies(iam: Clients["iam"], { kind, name }: Identity): Promise<HeldPolicy[]> {
  const [attached, inline] = await Promise.all([attachedOf(iam, kind, name), inlineOf(iam, kind, name)]);
  return [
    ...(attached.AttachedPolicies ?? []).map(({ PolicyName = "", PolicyArn = "" }) => ({ name: PolicyName, arn: PolicyArn })),
    ...(inline.PolicyNames ?? []).map((policy) => ({ name: policy })),
  ];
}

function attachedOf(iam: Clients["iam"], kind: IdentityKind, name: string) {
  if (kind === "roles") return iam.send(new ListAttachedRolePoliciesCommand({ RoleName: name, MaxItems: MOST }));
  if (kind === "users") return iam.send(new ListAttachedUserPoliciesCommand({ UserName: name, MaxItems: MOST }));
  return iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: name, MaxItems: MOST }));
}

function inlineOf(iam: Clients["iam"], kind: IdentityKind, name: string) {
  if (kind === "roles") return iam.send(new ListRolePoliciesCommand({ RoleName: name, MaxItems: MOST }));
  if (kind === "users") return iam.send(new ListUserPoliciesCommand({ UserName: name, MaxItems: MOST }));
  return iam.send(new ListGroupPoliciesCommand({ GroupName: name, MaxItems: MOST }));
}

export async function inlinePolicy(iam: Clients["iam"], identity: Identity, PolicyName: string): Promise<string> {
  return decodeDocument(await encodedInlinePolicy(iam, identity, PolicyName));
}

/** As it was written, lines and all. */
export async function rawInlinePolicy(iam: Clients["iam"], identity: Identity, PolicyName: string): Promise<string> {
  return decodeURIComponent((await encodedInlinePolicy(iam, identity, PolicyName)) ?? "");
}

async function encodedInlinePolicy(iam: Clients["iam"], { kind, name }: Identity, PolicyName: string): Promise<string | undefined> {
  if (kind === "roles") return (await iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName }))).PolicyDocument;
  if (kind === "users") return (await iam.send(new GetUserPolicyCommand({ UserName: name, PolicyName }))).PolicyDocument;
  return (await iam.send(new GetGroupPolicyCommand({ GroupName: name, PolicyName }))).PolicyDocument;
}

export async function putInlinePolicy(iam: Clients["iam"], { kind, name }: Identity, PolicyName: string, PolicyDocument: string): Promise<void> {
  if (kind === "roles") await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName, PolicyDocument }));
  else if (kind === "users") await iam.send(new PutUserPolicyCommand({ UserName: name, PolicyName, PolicyDocument }));
  else await iam.send(new PutGroupPolicyCommand({ GroupName: name, PolicyName, PolicyDocument }));
}

export async function attachPolicy(iam: Clients["iam"], { kind, name }: Identity, PolicyArn: string): Promise<void> {
  if (kind === "roles") await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn }));
  else if (kind === "users") await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }));
  else await iam.send(new AttachGroupPolicyCommand({ GroupName: name, PolicyArn }));
}

/** Takes a policy away: detaches a managed one, deletes an inline one. */
export async function removePolicy(iam: Clients["iam"], identity: Identity, policy: HeldPolicy): Promise<void> {
  if (policy.arn) await detach(iam, identity, policy.arn);
  else await deleteInline(iam, identity, policy.name);
}

async function detach(iam: Clients["iam"], { kind, name }: Identity, PolicyArn: string): Promise<void> {
  if (kind === "roles") await iam.send(new DetachRolePolicyCommand({ RoleName: name, PolicyArn }));
  else if (kind === "users") await iam.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn }));
  else await iam.send(new DetachGroupPolicyCommand({ GroupName: name, PolicyArn }));
}

async function deleteInline(iam: Clients["iam"], { kind, name }: Identity, PolicyName: string): Promise<void> {
  if (kind === "roles") await iam.send(new DeleteRolePolicyCommand({ RoleName: name, PolicyName }));
  else if (kind === "users") await iam.send(new DeleteUserPolicyCommand({ UserName: name, PolicyName }));
  else await iam.send(new DeleteGroupPolicyCommand({ GroupName: name, PolicyName }));
}

// Trust policies: who may assume a role. Built from what a person chose; a custom one is their own text.

export type EntityKind = "service" | "account" | "web" | "custom";

export interface TrustedEntity {
  kind: EntityKind;
  /** Service principal, e.g. `states.amazonaws.com`. */
  service: string;
  account: string;
  externalId: string;
  isMfaRequired: boolean;
  provider: string;
  audience: string;
  custom: string;
}

/** Where a service's calls come from: `aws:SourceArn` and `aws:SourceAccount`. */
export interface Source {
  arn: string;
  account: string;
}

export interface Statement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: unknown;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface PolicyDocument {
  Version: string;
  Statement: Statement[];
}

export function trustPolicy(entity: TrustedEntity, source?: Source): PolicyDocument {
  return { Version: "2012-10-17", Statement: [statement(entity, source)] };
}

function statement(entity: TrustedEntity, source?: Source): Statement {
  if (entity.kind === "account") return accountStatement(entity);
  if (entity.kind === "web") return webIdentityStatement(entity);
  const made: Statement = { Effect: "Allow", Principal: { Service: [entity.service] }, Action: "sts:AssumeRole" };
  return source ? { ...made, Condition: sourceCondition(source) } : made;
}

function sourceCondition({ arn, account }: Source): NonNullable<Statement["Condition"]> {
  return { ArnLike: { "aws:SourceArn": arn }, StringEquals: { "aws:SourceAccount": account } };
}

function accountStatement({ account, externalId, isMfaRequired }: TrustedEntity): Statement {
  const condition = {
    ...(externalId && { StringEquals: { "sts:ExternalId": externalId } }),
    ...(isMfaRequired && { Bool: { "aws:MultiFactorAuthPresent": "true" } }),
  };
  return {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: "sts:AssumeRole",
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

function webIdentityStatement({ provider, audience }: TrustedEntity): Statement {
  const host = provider.split(":oidc-provider/")[1] ?? provider;
  return {
    Effect: "Allow",
    Principal: { Federated: provider },
    Action: "sts:AssumeRoleWithWebIdentity",
    ...(audience && { Condition: { StringEquals: { [`${host}:aud`]: audience } } }),
  };
}

/** The same policy with its first service statement held to a source; or no longer held. */
export function withSource(document: PolicyDocument, source: Source | undefined): PolicyDocument {
  const [first, ...rest] = document.Statement;
  if (!first) return document;
  const { Condition: condition = {}, ...bare } = first;
  const { ArnLike: arns = {}, StringEquals: strings = {}, ...others } = condition;
  const { "aws:SourceArn": _arn, ...keptArns } = arns;
  const { "aws:SourceAccount": _account, ...keptStrings } = strings;
  const held = source ? sourceCondition(source) : {};
  const merged = {
    ...others,
    ...nonEmpty("ArnLike", { ...keptArns, ...held["ArnLike"] }),
    ...nonEmpty("StringEquals", { ...keptStrings, ...held["StringEquals"] }),
  };
  const statement = Object.keys(merged).length > 0 ? { ...bare, Condition: merged } : bare;
  return { ...document, Statement: [statement, ...rest] };
}

function nonEmpty(operator: string, keys: Record<string, string | string[]>) {
  return Object.keys(keys).length > 0 ? { [operator]: keys } : {};
}

/** The services that a trust policy names, as people call them. */
export function trustedServices(document: unknown): string[] {
  const statements = (document as Partial<PolicyDocument> | undefined)?.Statement ?? [];
  const list = Array.isArray(statements) ? statements : [statements];
  const services = list.flatMap((statement: Statement) => {
    const principal = statement.Principal;
    const named = typeof principal === "object" && principal ? (principal as Record<string, unknown>)["Service"] : [];
    return Array.isArray(named) ? (named as string[]) : typeof named === "string" ? [named] : [];
  });
  return [...new Set(services)].sort();
}

/** Everybody that a trust policy names. */
export function trustedEntities(document: unknown): string[] {
  const statements = (document as Partial<PolicyDocument> | undefined)?.Statement ?? [];
  const list = Array.isArray(statements) ? statements : [statements];
  const names = list.flatMap((statement: Statement) => {
    if (statement.Principal === "*") return ["*"];
    return Object.values((statement.Principal ?? {}) as Record<string, string | string[]>).flat();
  });
  return [...new Set(names)].sort();
}

/** IAM answers documents in URL encoding. */
export function decodeDocument(encoded: string | undefined): string {
  if (!encoded) return "";
  try {
    return JSON.stringify(JSON.parse(decodeURIComponent(encoded)), undefined, 2);
  } catch {
    return encoded;
  }
}

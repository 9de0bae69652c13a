// What a person has chosen so far in Create role, and what is still wrong with it.
import type { Policy } from "@aws-sdk/client-iam";
import type { TagEditorProps } from "@cloudscape-design/components/tag-editor";
import { texts } from "../../texts.ts";
import { accountProblem, roleNameProblem } from "../names.ts";
import type { Advised } from "../../states/advice.ts";
import { SERVICE_USE_CASES } from "../services.ts";
import { type TrustedEntity, trustPolicy, withSource } from "../trust.ts";
import { trustFindings } from "../trust-findings.ts";

export interface RoleDraft {
  entity: TrustedEntity;
  policies: Policy[];
  /** A policy made from a state machine; written into the role as an inline policy. */
  generated?: { name: string; advised: Advised };
  name: string;
  description: string;
  trust: string;
  isProtected: boolean;
  sourceArn: string;
  tags: readonly TagEditorProps.Tag[];
  areTagsValid: boolean;
}

export function newDraft(account: string, region: string): RoleDraft {
  return {
    entity: {
      kind: "service", service: "", account, externalId: "", isMfaRequired: false, provider: "", audience: "",
      custom: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: {}, Action: "sts:AssumeRole" }] }, undefined, 2),
    },
    policies: [],
    name: "",
    description: "",
    trust: "",
    isProtected: false,
    sourceArn: `arn:aws:states:${region}:${account}:stateMachine:*`,
    tags: [],
    areTagsValid: true,
  };
}

/** Another trusted entity: its trust policy and description follow. */
export function withEntity(draft: RoleDraft, change: Partial<TrustedEntity>): RoleDraft {
  const entity = { ...draft.entity, ...change };
  const trust = entity.kind === "custom" ? entity.custom : JSON.stringify(trustPolicy(entity), undefined, 2);
  const useCase = entity.kind === "service" ? SERVICE_USE_CASES.find(({ principal }) => principal === entity.service) : undefined;
  const wasOffered = !draft.description || SERVICE_USE_CASES.some(({ description }) => description === draft.description);
  return { ...draft, entity, trust, isProtected: false, description: wasOffered ? (useCase?.description ?? "") : draft.description };
}

/** The trust policy held to its source, or no longer held; a text that is no policy stays as it is. */
export function withProtection(draft: RoleDraft, isProtected: boolean, sourceArn: string, account: string): RoleDraft {
  try {
    const document = withSource(JSON.parse(draft.trust), isProtected ? { arn: sourceArn, account } : undefined);
    return { ...draft, isProtected, sourceArn, trust: JSON.stringify(document, undefined, 2) };
  } catch {
    return { ...draft, sourceArn };
  }
}

export function entityProblem({ entity }: RoleDraft): string | undefined {
  const words = texts.createRole;
  if (entity.kind === "service") return entity.service ? undefined : words.serviceMissing;
  if (entity.kind === "account") return accountProblem(entity.account);
  if (entity.kind === "web") return /^arn:aws[\w-]*:iam::\d{12}:oidc-provider\/\S+$/.test(entity.provider) ? undefined : words.providerMissing;
  return trustFindings(entity.custom).find(({ severity }) => severity === "error")?.message;
}

export function reviewProblem(draft: RoleDraft): string | undefined {
  const trust = trustFindings(draft.trust).find(({ severity }) => severity === "error")?.message;
  return roleNameProblem(draft.name) ?? trust ?? (draft.areTagsValid ? undefined : texts.tags.wrong);
}

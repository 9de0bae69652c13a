// Managed policies as tables show them.
import { ListPoliciesCommand, type Policy } from "@aws-sdk/client-iam";
import { allPages } from "../aws/pages.ts";
import { texts } from "../texts.ts";
import type { Clients } from "../aws/clients.ts";

export type PolicyScope = "All" | "AWS" | "Local";

export async function listPolicies(iam: Clients["iam"], scope: PolicyScope = "All"): Promise<Policy[]> {
  return allPages(async (Marker) => {
    const page = await iam.send(new ListPoliciesCommand({ Scope: scope, Marker, MaxItems: 1000 }));
    return { items: page.Policies, next: page.IsTruncated ? page.Marker : undefined };
  });
}

export function isAwsManaged(policy: { Arn?: string | undefined }): boolean {
  return policy.Arn?.startsWith("arn:aws:iam::aws:") ?? false;
}

export function policyType(policy: { Arn?: string | undefined }): string {
  return isAwsManaged(policy) ? texts.policies.aws : texts.policies.customer;
}

import { expect, test } from "vitest";
import { type TrustedEntity, trustedServices, trustPolicy, withSource } from "./trust.ts";
import { trustFindings } from "./trust-findings.ts";

const entity = (more: Partial<TrustedEntity>): TrustedEntity => ({
  kind: "service", service: "states.amazonaws.com", account: "111122223333", externalId: "", isMfaRequired: false, provider: "", audience: "", custom: "", ...more,
});
const source = { arn: "arn:aws:states:us-east-1:111122223333:stateMachine:*", account: "111122223333" };

test("a role for Step Functions trusts it, held to its source as the guide shows", () => {
  const statement = trustPolicy(entity({}), source).Statement[0];
  expect(statement).toEqual({
    Effect: "Allow", Principal: { Service: ["states.amazonaws.com"] }, Action: "sts:AssumeRole",
    Condition: { ArnLike: { "aws:SourceArn": source.arn }, StringEquals: { "aws:SourceAccount": source.account } },
  });
});

test("protection goes as it came and leaves other conditions alone", () => {
  const plain = trustPolicy(entity({}));
  expect(withSource(withSource(plain, source), undefined)).toEqual(plain);
  const other = { ...plain, Statement: [{ ...plain.Statement[0]!, Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } }] };
  expect(withSource(withSource(other, source), undefined)).toEqual(other);
});

test("an account with an external ID and a web identity are trusted by their own actions", () => {
  expect(trustPolicy(entity({ kind: "account", externalId: "7" })).Statement[0]?.Condition).toEqual({ StringEquals: { "sts:ExternalId": "7" } });
  const web = trustPolicy(entity({ kind: "web", provider: "arn:aws:iam::111122223333:oidc-provider/id.example.com", audience: "me" })).Statement[0];
  expect(web?.Action).toBe("sts:AssumeRoleWithWebIdentity");
  expect(web?.Condition).toEqual({ StringEquals: { "id.example.com:aud": "me" } });
});

test("services are found in every form of a trust policy", () => {
  const document = { Statement: [{ Principal: { Service: "lambda.amazonaws.com" } }, { Principal: "*" }, { Principal: { Service: ["states.amazonaws.com"] } }] };
  expect(trustedServices(document)).toEqual(["lambda.amazonaws.com", "states.amazonaws.com"]);
  expect(trustedServices(undefined)).toEqual([]);
});

test("findings say what is wrong with a trust policy and what is risky", () => {
  const of = (statement: object) => trustFindings(JSON.stringify({ Version: "2012-10-17", Statement: statement })).map(({ severity }) => severity);
  expect(of({ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" })).toEqual([]);
  expect(of({ Effect: "Allow", Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole" })).toEqual(["info"]);
  expect(of({ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" })).toEqual(["warning"]);
  expect(of({ Effect: "Allow", Action: "sts:AssumeRole" })).toEqual(["error"]);
  expect(of({ Effect: "Allow", Principal: { AWS: "111122223333" }, Action: "s3:GetObject", Resource: "*" })).toEqual(["error", "error"]);
  expect(trustFindings("{")[0]?.severity).toBe("error");
});

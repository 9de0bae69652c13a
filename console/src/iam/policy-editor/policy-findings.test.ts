import { expect, test } from "vitest";
import { policyFindings } from "./policy-findings.ts";

const statement = (more: object) => JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: "*", ...more }] });
const messages = (text: string, ...rest: []) => policyFindings(text, ...rest).map(({ severity, pointer }) => `${severity} ${pointer ?? ""}`);

test("a sound policy has no findings", () => {
  expect(policyFindings(statement({}))).toEqual([]);
});

test("each mistake is found where it is", () => {
  expect(messages(statement({ Effect: "allow" }))).toEqual(["error /Statement/0/Effect"]);
  expect(messages(statement({ Principal: "*" }))).toEqual(["error /Statement/0/Principal"]);
  expect(messages(statement({ Action: "InvokeFunction" }))).toEqual(["error /Statement/0/Action"]);
  expect(messages(statement({ Action: [] }))).toEqual(["error /Statement/0"]);
  expect(messages(statement({ Resource: "Greeter" }))).toEqual(["error /Statement/0/Resource"]);
  expect(messages(statement({ Action: "*" }))).toEqual(["warning /Statement/0"]);
  expect(policyFindings("{ \"Version\": ")[0]?.severity).toBe("error");
});

test("an action that the service does not have is found when its facts are there", () => {
  const facts = new Map([["lambda", { actions: { InvokeFunction: {} }, resources: {}, keys: {} }]]);
  expect(policyFindings(statement({ Action: "lambda:invokefunction" }), facts, ["lambda"])).toEqual([]);
  expect(policyFindings(statement({ Action: "lambda:Call" }), facts, ["lambda"])[0]?.message).toMatch(/lambda:Call is not known/);
  expect(policyFindings(statement({ Action: "lamda:Call" }), facts, ["lambda"])[0]?.message).toMatch(/service lamda/);
});

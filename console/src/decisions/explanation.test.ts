import { expect, test } from "vitest";
import { parseExplanation } from "./explanation.ts";

test("what was missing and why each statement did not apply is taken from the text", () => {
  const text = "lambda:InvokeFunction on arn:aws:lambda:us-east-1:111122223333:function:B is denied: no identity-based policy allows it\n"
    + "- identity-based policy Invoke, statement 1: Allow does not apply: its Resource is arn:aws:lambda:us-east-1:111122223333:function:A\n"
    + "This statement would allow it: {}";
  expect(parseExplanation(text)).toEqual({
    missing: "identity-based policy",
    statements: [{ kind: "identity-based policy", policy: "Invoke", statement: "1", effect: "Allow", applies: false, reason: "Resource is arn:aws:lambda:us-east-1:111122223333:function:A" }],
  });
});

test("a Deny that applies is told from an Allow that does not", () => {
  const { missing, statements } = parseExplanation("s3:GetObject on * is explicitly denied\n- permissions boundary Cap, statement NoS3: Deny applies");
  expect(missing).toBeUndefined();
  expect(statements).toEqual([{ kind: "permissions boundary", policy: "Cap", statement: "NoS3", effect: "Deny", applies: true }]);
});

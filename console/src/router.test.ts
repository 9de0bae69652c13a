import { expect, test } from "vitest";
import { href, match, parseLocation } from "./router.ts";

test("an ARN survives the way through the address", () => {
  const arn = "arn:aws:states:us-east-1:111122223333:express:A:b:c/d e";
  const { path } = parseLocation(href(["states", "executions", arn]));
  expect(match("states/executions/:arn", path)).toEqual({ arn });
});

test("a path fits only its own pattern, and broken encoding is left as it is", () => {
  expect(match("iam/roles/:name", "/iam/roles")).toBeUndefined();
  expect(match("iam/roles/:name", "/iam/users/a")).toBeUndefined();
  expect(match("iam/roles/:name", "/iam/roles/%E0%A4%A")).toEqual({ name: "%E0%A4%A" });
});

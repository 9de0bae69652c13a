import { expect, test } from "vitest";
import { fromDocument, newBlock, toText } from "./blocks.ts";

const roundTrip = (document: unknown) => JSON.parse(toText(fromDocument(document) ?? [])) as unknown;

test("a statement stays the same through the visual editor", () => {
  const document = {
    Version: "2012-10-17",
    Statement: [{
      Sid: "Call", Effect: "Allow", Action: ["lambda:InvokeFunction", "lambda:GetFunction"], Resource: "arn:aws:lambda:us-east-1:111122223333:function:Greet",
      Condition: { StringEquals: { "aws:ResourceAccount": "111122223333" } },
    }],
  };
  expect(roundTrip(document)).toEqual(document);
});

test("a statement of two services becomes a block for each, and means the same", () => {
  const blocks = fromDocument({ Statement: { Effect: "Deny", Action: ["s3:GetObject", "sqs:SendMessage"], Resource: "*" } });
  expect(blocks?.map(({ service, effect, actions, resources }) => [service, effect, actions, resources])).toEqual([
    ["s3", "Deny", ["GetObject"], ["*"]],
    ["sqs", "Deny", ["SendMessage"], ["*"]],
  ]);
});

test("what the visual editor cannot show is kept as it is", () => {
  const statement = { Effect: "Allow", NotAction: "iam:*", Resource: "*" };
  expect(roundTrip({ Statement: [statement] })).toEqual({ Version: "2012-10-17", Statement: [statement] });
});

test("a block without a service is no statement yet", () => {
  expect(JSON.parse(toText([newBlock()]))).toEqual({ Version: "2012-10-17", Statement: [] });
});

test("a text that is no policy has no blocks", () => {
  for (const document of [undefined, null, 1, "text", [], {}, { Statement: [1] }]) expect(fromDocument(document)).toBeUndefined();
});

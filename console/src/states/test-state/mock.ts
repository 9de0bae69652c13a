// What stands in for the call of a Task, when a state is tried without calling anything.
import type { TestStateInput } from "@aws-sdk/client-sfn";
import { texts } from "../../texts.ts";
import { parseJson } from "../../ui/json-text.ts";

export interface MockChoice {
  kind: "none" | "result" | "error";
  result: string;
  error: string;
  cause: string;
}

export const NO_MOCK: MockChoice = { kind: "none", result: "{}", error: "", cause: "" };

export function mockProblem({ kind, result, error }: MockChoice): string | undefined {
  if (kind === "result") {
    const { finding } = parseJson(result);
    return finding && texts.start.noJson(finding.message);
  }
  return kind === "error" && !error ? texts.testState.errorMissing : undefined;
}

export function mockInput({ kind, result, error, cause }: MockChoice): Pick<TestStateInput, "mock"> {
  if (kind === "result") return { mock: { result, fieldValidationMode: "NONE" } };
  if (kind === "error") return { mock: { errorOutput: { error, ...(cause && { cause }) } } };
  return {};
}

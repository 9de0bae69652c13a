// Completion in a definition: fields of the state one is in, states to go to, resources to call.
import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { integrationNames } from "../../aws/reference.ts";
import { parseJson } from "../../ui/json-text.ts";
import { allStates, outline } from "../graph/outline.ts";
import { FIELDS, RESOURCES, STATE_TYPES } from "./language.ts";

export async function completeDefinition(context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/"[^"\n]*/);
  if (!word) return null;
  const before = context.state.sliceDoc(Math.max(0, word.from - 60), word.from);
  const field = /"(\w+)"\s*:\s*(?:\[[^\]]*)?$/.exec(before)?.[1];
  const options = field === undefined ? FIELDS : await valuesOf(field, context.state.doc.toString());
  return options.length === 0 ? null : { from: word.from + 1, options: options.map((label) => ({ label })), validFor: /^[^"]*$/ };
}

async function valuesOf(field: string, text: string): Promise<string[]> {
  switch (field) {
    case "Type":
      return STATE_TYPES;
    case "QueryLanguage":
      return ["JSONata", "JSONPath"];
    case "Next":
    case "Default":
    case "StartAt":
      return stateNames(text);
    case "Resource": {
      const names = await integrationNames().catch((): string[] => []);
      return [...RESOURCES, ...names.map((name) => `arn:aws:states:::aws-sdk:${name}:`)];
    }
    case "ErrorEquals":
      return ["States.ALL", "States.TaskFailed", "States.Timeout", "States.Permissions", "States.Runtime", "States.HeartbeatTimeout", "States.DataLimitExceeded"];
    default:
      return [];
  }
}

/** Also while the text is no JSON, which it seldom is where one types. */
function stateNames(text: string): string[] {
  const { value } = parseJson(text);
  if (value !== undefined) return allStates(outline(value)).map(({ name }) => name);
  return [...text.matchAll(/"([^"\n]+)"\s*:\s*\{\s*"(?:Type|Comment|QueryLanguage)"/g)].map((found) => found[1] ?? "");
}

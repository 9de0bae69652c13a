// Completion in the JSON tab: service prefixes, then the actions of the service.
import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { serviceFacts, servicePrefixes } from "../../aws/reference.ts";

export async function completeAction(context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/"[\w-]*:?\w*/);
  if (!word || (word.text === "\"" && !context.explicit)) return null;
  const [prefix = "", action] = word.text.slice(1).split(":");
  try {
    if (action === undefined) {
      const prefixes = await servicePrefixes();
      return { from: word.from + 1, options: prefixes.map((label) => ({ label: `${label}:`, type: "namespace" })) };
    }
    const facts = await serviceFacts(prefix);
    const options = Object.entries(facts.actions).map(([label, { level }]) => ({ label, type: "function", detail: level ?? "" }));
    return { from: word.from + prefix.length + 2, options };
  } catch {
    return null;
  }
}

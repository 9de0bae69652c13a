// JSON as people type it: parsed with the place of the mistake.
import type { Finding } from "./json-editor/editor-props.ts";

export type Parsed = { value: unknown; finding?: undefined } | { value?: undefined; finding: Finding };

export function parseJson(text: string): Parsed {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { finding: { severity: "error", message, offset: offsetOf(message, text) } };
  }
}

/** Browsers name the position in the message; without one the mistake is at the end. */
function offsetOf(message: string, text: string): number {
  const position = /position (\d+)/.exec(message)?.[1];
  return position === undefined ? Math.max(0, text.trimEnd().length - 1) : Number(position);
}

/** Indented when it is JSON; unchanged otherwise. */
export function pretty(text: string | undefined): string {
  if (!text) return "";
  const { value, finding } = parseJson(text);
  return finding ? text : JSON.stringify(value, undefined, 2);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

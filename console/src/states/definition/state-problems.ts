import type { Finding } from "../../ui/json-editor/editor-props.ts";

/** Findings by the innermost state that they are about. */
export function stateProblems(findings: Finding[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const { pointer, message } of findings) {
    const name = innermostState(pointer);
    if (name) found.set(name, [found.get(name), message].filter(Boolean).join("\n"));
  }
  return found;
}

function innermostState(pointer = ""): string | undefined {
  const parts = pointer.split("/");
  const at = parts.lastIndexOf("States");
  return at < 0 ? undefined : parts[at + 1]?.replaceAll("~1", "/").replaceAll("~0", "~");
}

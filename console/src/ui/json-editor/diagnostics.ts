// Findings as the editor shows them: a JSON pointer becomes a range of characters.
import { syntaxTree } from "@codemirror/language";
import type { Diagnostic } from "@codemirror/lint";
import type { EditorState } from "@codemirror/state";
import type { SyntaxNode } from "@lezer/common";
import type { Finding } from "./editor-props.ts";

export function toDiagnostics(state: EditorState, findings: Finding[]): Diagnostic[] {
  return findings.map(({ pointer, offset, severity, message }) => {
    const node = pointer === undefined ? undefined : findNode(state, pointer);
    if (node) return { from: node.from, to: node.to, severity, message };
    const at = Math.min(offset ?? 0, state.doc.length);
    return { from: at, to: Math.min(at + 1, state.doc.length), severity, message };
  });
}

/** The value that a pointer leads to; as far as it leads when the rest is missing. */
export function findNode(state: EditorState, pointer: string): SyntaxNode | undefined {
  let node = syntaxTree(state).topNode.firstChild ?? undefined;
  let found = node;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~").replace(/\[(\d+)\]$/, "");
    node = node && step(state, node, name);
    if (!node) return found && named(found);
    found = node;
  }
  return found && named(found);
}

/** A long value is marked at its name. */
function named(node: SyntaxNode): SyntaxNode {
  const name = node.prevSibling?.name === "PropertyName" ? node.prevSibling : node.parent?.getChild("PropertyName");
  return node.to - node.from > 200 && name ? name : node;
}

function step(state: EditorState, node: SyntaxNode, name: string): SyntaxNode | undefined {
  if (node.name === "Array") return children(node).filter(isValue)[Number(name)];
  for (const property of node.getChildren("Property")) {
    const key = property.getChild("PropertyName");
    if (key && unquoted(state.sliceDoc(key.from, key.to)) === name) return property.lastChild ?? undefined;
  }
  return undefined;
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function isValue(node: SyntaxNode): boolean {
  return !["[", "]", ",", "⚠"].includes(node.name);
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}

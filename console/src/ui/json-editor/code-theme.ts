// Colours that are readable in light and in dark mode: the custom properties change, the editor does not.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const style = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--code-name)" },
  { tag: tags.string, color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-literal)" },
]);

export const codeTheme = [
  syntaxHighlighting(style),
  EditorView.theme({
    "&": { backgroundColor: "var(--code-background)", color: "var(--code-text)" },
    ".cm-content": { caretColor: "var(--code-text)" },
    ".cm-cursor": { borderLeftColor: "var(--code-text)" },
    ".cm-gutters": { backgroundColor: "var(--code-gutter)", color: "var(--code-muted)", border: "none" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--code-line)" },
    "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--code-selection) !important" },
    ".cm-tooltip": { backgroundColor: "var(--code-gutter)", color: "var(--code-text)" },
  }),
];

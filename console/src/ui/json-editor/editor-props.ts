import type { CompletionSource } from "@codemirror/autocomplete";

/** Something about the text: where (a JSON pointer such as `/States/Greet/Next`), and what. */
export interface Finding {
  pointer?: string;
  /** Offset of the character, when the text is no JSON. */
  offset?: number;
  severity: "error" | "warning" | "info";
  message: string;
}

export interface EditorProps {
  value: string;
  onChange?: (value: string) => void;
  /** What a screen reader calls the editor. */
  label: string;
  findings?: Finding[];
  complete?: CompletionSource;
  minHeight?: number;
  maxHeight?: number;
}

import { autocompletion } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";
import type { EditorProps } from "./editor-props.ts";
import { toDiagnostics } from "./diagnostics.ts";
import { codeTheme } from "./code-theme.ts";

export default function JsonEditorView(props: EditorProps) {
  const { value, findings, label, complete } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    if (!host.current) return;
    const made = new EditorView({ parent: host.current, state: EditorState.create({ doc: value, extensions: extensions() }) });
    view.current = made;
    return () => made.destroy();
    // The view lives as long as the element; what changes is told to it below.
  }, []);

  function extensions(): Extension[] {
    const { minHeight = 160, maxHeight = 520, onChange } = props;
    return [
      basicSetup,
      json(),
      lintGutter(),
      codeTheme,
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", "aria-readonly": String(!onChange) }),
      EditorView.theme({ ".cm-scroller": { minHeight: `${minHeight}px`, maxHeight: `${maxHeight}px` } }),
      editable.of([EditorState.readOnly.of(!onChange)]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
      }),
      ...(complete ? [autocompletion({ override: [complete] })] : []),
    ];
  }

  useEffect(() => {
    const shown = view.current;
    if (!shown || shown.state.doc.toString() === value) return;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const shown = view.current;
    if (shown) shown.dispatch(setDiagnostics(shown.state, toDiagnostics(shown.state, findings ?? [])));
  }, [findings, value]);
  return <div className="editor" ref={host} />;
}

const editable = new Compartment();

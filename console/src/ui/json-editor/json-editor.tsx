// A JSON editor with findings in its margin. Loads when first shown, because it is large.
import { lazy, Suspense } from "react";
import { Loading } from "../loading.tsx";
import type { EditorProps } from "./editor-props.ts";

const View = lazy(() => import("./json-editor-view.tsx"));

export function JsonEditor(props: EditorProps) {
  return (
    <Suspense fallback={<Loading />}>
      <View {...props} />
    </Suspense>
  );
}

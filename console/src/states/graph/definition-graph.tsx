// The graph of a definition. Loads when first shown, because it is large.
import { lazy, Suspense } from "react";
import { Loading } from "../../ui/loading.tsx";
import type { GraphProps } from "./graph-props.ts";

const View = lazy(() => import("./definition-graph-view.tsx"));

export function DefinitionGraph(props: GraphProps) {
  return (
    <Suspense fallback={<Loading />}>
      <View {...props} />
    </Suspense>
  );
}

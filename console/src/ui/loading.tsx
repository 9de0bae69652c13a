import Box from "@cloudscape-design/components/box";
import Spinner from "@cloudscape-design/components/spinner";
import type { ReactNode } from "react";
import type { Resource } from "../aws/use-resource.ts";
import { texts } from "../texts.ts";
import { Failure } from "./failure.tsx";

export function Loading() {
  return (
    <Box padding="l" textAlign="center" color="text-status-inactive">
      <div role="status"><Spinner /> {texts.loading}</div>
    </Box>
  );
}

interface Props<Value> {
  resource: Resource<Value>;
  children: (value: Value) => ReactNode;
}

/** What was loaded; else that it is being loaded, or why it was not. */
export function Loaded<Value>({ resource, children }: Props<Value>) {
  if (resource.error !== undefined) return <Failure error={resource.error} onRetry={resource.reload} />;
  return resource.value === undefined ? <Loading /> : <>{children(resource.value)}</>;
}

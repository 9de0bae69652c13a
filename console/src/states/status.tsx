import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { texts } from "../texts.ts";

const TYPES: Record<string, StatusIndicatorProps.Type> = {
  RUNNING: "in-progress", SUCCEEDED: "success", FAILED: "error", TIMED_OUT: "error", ABORTED: "stopped", PENDING_REDRIVE: "pending", CAUGHT: "warning",
};

/** The status of an execution, a Map run or a state. */
export function Status({ status }: { status: string | undefined }) {
  if (!status) return <>–</>;
  return <StatusIndicator type={TYPES[status] ?? "info"}>{texts.status[status] ?? status}</StatusIndicator>;
}

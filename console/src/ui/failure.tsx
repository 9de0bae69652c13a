import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Link from "@cloudscape-design/components/link";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { describeFailure } from "../aws/failures.ts";
import { href } from "../router.ts";
import { texts } from "../texts.ts";

interface Props {
  error: unknown;
  onRetry?: () => void;
}

/** Says what went wrong; nothing when nothing did. A denial leads to the decision that explains it. */
export function Failure({ error, onRetry }: Props) {
  if (error === undefined || error === null) return null;
  const { header, text, deniedAction } = describeFailure(error);
  return (
    <Alert type="error" header={header} action={onRetry && <Button onClick={onRetry}>{texts.action.retry}</Button>}>
      <SpaceBetween size="xs">
        <div>{text}</div>
        {deniedAction && (
          <Link href={href(["decisions"], { action: deniedAction, decision: "Denied" })}>{texts.failure.why}</Link>
        )}
      </SpaceBetween>
    </Alert>
  );
}

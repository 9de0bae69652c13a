import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import { texts } from "../texts.ts";

export function Arn({ arn }: { arn: string | undefined }) {
  if (!arn) return <>–</>;
  return (
    <span className="arn">
      <CopyToClipboard variant="inline" textToCopy={arn} copyButtonAriaLabel={texts.copy("ARN")} copySuccessText={texts.copied} copyErrorText={texts.notCopied} />
    </span>
  );
}

/** The part that people gave a name to. */
export function nameOf(arn: string | undefined): string {
  const last = arn?.split(":").pop() ?? "";
  return last.split("/").pop() ?? last;
}

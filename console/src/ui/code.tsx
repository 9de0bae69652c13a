import Box from "@cloudscape-design/components/box";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import { texts } from "../texts.ts";
import { pretty } from "./json-text.ts";

/** Text to read and copy, indented when it is JSON. It scrolls, so that the keyboard must reach it. */
export function Code({ text, label }: { text: string | undefined; label: string }) {
  const shown = pretty(text);
  if (!shown) return <Box color="text-status-inactive">{texts.none}</Box>;
  return (
    <div>
      <Box float="right">
        <CopyToClipboard variant="icon" textToCopy={shown} copyButtonAriaLabel={texts.copy(label)} copySuccessText={texts.copied} copyErrorText={texts.notCopied} />
      </Box>
      <pre className="code" tabIndex={0} role="region" aria-label={label}>{shown}</pre>
    </div>
  );
}

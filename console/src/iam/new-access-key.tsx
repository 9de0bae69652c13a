import type { AccessKey } from "@aws-sdk/client-iam";
import Alert from "@cloudscape-design/components/alert";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { texts } from "../texts.ts";

const words = texts.accessKeys;

/** A new key, the only time that its secret is shown. */
export function NewAccessKey({ accessKey }: { accessKey: AccessKey }) {
  const copied = (label: string, text = "") => (
    <CopyToClipboard variant="inline" textToCopy={text} copyButtonAriaLabel={texts.copy(label)} copySuccessText={texts.copied} copyErrorText={texts.notCopied} />
  );
  return (
    <Alert type="success" header={words.madeHeader}>
      {words.made}
      <KeyValuePairs
        columns={2}
        items={[
          { label: words.id, value: copied(words.id, accessKey.AccessKeyId) },
          { label: words.secret, value: copied(words.secret, accessKey.SecretAccessKey) },
        ]}
      />
    </Alert>
  );
}

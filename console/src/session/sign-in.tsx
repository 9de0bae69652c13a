import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Form from "@cloudscape-design/components/form";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useAction } from "../aws/use-action.ts";
import { texts } from "../texts.ts";
import { Failure } from "../ui/failure.tsx";
import type { ServerConfig } from "./server-config.ts";
import { type Session, signIn } from "./session.ts";

interface Props {
  config: ServerConfig;
  onSignedIn: (session: Session) => void;
}

export function SignIn({ config, onSignedIn }: Props) {
  const [keyId, setKeyId] = useState("");
  const [secret, setSecret] = useState("");
  const [token, setToken] = useState("");
  const [isChecked, setChecked] = useState(false);
  const action = useAction();
  const words = texts.signIn;
  const enter = (accessKeyId: string, secretAccessKey: string, sessionToken?: string) =>
    action.run(async () => {
      const credentials = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
      onSignedIn(await signIn(credentials, config));
    });
  const submit = () => {
    setChecked(true);
    if (keyId.trim() && secret.trim()) void enter(keyId.trim(), secret.trim(), token.trim());
  };
  const missing = (value: string, text: string) => (isChecked && !value.trim() ? text : undefined);
  return (
    <Box padding={{ vertical: "xxxl" }}>
      <div className="sign-in">
        <SpaceBetween size="l">
          {config.isDev && (
            <Alert type="info" header={words.devHeader} action={
              <Button loading={action.isRunning} onClick={() => void enter("test", "test")}>{words.devButton}</Button>
            }>
              {words.devText}
            </Alert>
          )}
          <form onSubmit={(event) => { event.preventDefault(); submit(); }}>
            <Form actions={<Button variant="primary" loading={action.isRunning} formAction="submit">{words.button}</Button>}>
              <Container header={<Header variant="h1" description={words.description}>{words.header}</Header>}>
                <SpaceBetween size="m">
                  <Failure error={action.error} />
                  <FormField label={words.keyId} errorText={missing(keyId, words.keyIdMissing)}>
                    <Input value={keyId} onChange={({ detail }) => setKeyId(detail.value)} autoComplete={false} spellcheck={false} />
                  </FormField>
                  <FormField label={words.secret} errorText={missing(secret, words.secretMissing)}>
                    <Input type="password" value={secret} onChange={({ detail }) => setSecret(detail.value)} autoComplete={false} />
                  </FormField>
                  <FormField label={words.token} description={words.tokenDescription}>
                    <Input type="password" value={token} onChange={({ detail }) => setToken(detail.value)} autoComplete={false} />
                  </FormField>
                  <Box variant="small">{words.kept}</Box>
                </SpaceBetween>
              </Container>
            </Form>
          </form>
        </SpaceBetween>
      </div>
    </Box>
  );
}

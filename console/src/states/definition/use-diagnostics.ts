// What CreateStateMachine would say of a definition, and what its role lacks, while it is typed.
import { ValidateStateMachineDefinitionCommand } from "@aws-sdk/client-sfn";
import { useEffect, useState } from "react";
import type { Clients } from "../../aws/clients.ts";
import { useClients } from "../../session/session.ts";
import type { Finding } from "../../ui/json-editor/editor-props.ts";
import { parseJson } from "../../ui/json-text.ts";
import { checkDefinition } from "../advice.ts";

const PAUSE_MS = 350;

export function useDiagnostics(definition: string, type: "STANDARD" | "EXPRESS", roleArn: string): Finding[] {
  const clients = useClients();
  const [findings, setFindings] = useState<Finding[]>([]);
  useEffect(() => {
    const { finding } = parseJson(definition);
    if (finding) {
      setFindings([finding]);
      return undefined;
    }
    let isCurrent = true;
    const timer = setTimeout(() => {
      void diagnose(clients, definition, type, roleArn).then((found) => isCurrent && setFindings(found));
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [clients, definition, type, roleArn]);
  return findings;
}

async function diagnose({ sfn, stepward }: Clients, definition: string, type: "STANDARD" | "EXPRESS", roleArn: string): Promise<Finding[]> {
  const validated = sfn.send(new ValidateStateMachineDefinitionCommand({ definition, type, severity: "WARNING", maxResults: 100 }));
  // Who may not ask gets no findings; creating says what is wrong all the same.
  const [validation, lacking] = await Promise.all([
    validated.catch(() => undefined),
    roleArn ? checkDefinition(stepward, definition, roleArn).catch((): Finding[] => []) : [],
  ]);
  const diagnostics = (validation?.diagnostics ?? []).map(({ severity, message = "", location, code }): Finding => ({
    severity: severity === "ERROR" ? "error" : "warning",
    message: `${message} (${code})`,
    ...(location !== undefined && { pointer: location }),
  }));
  return [...diagnostics, ...lacking];
}

// Stepward's own API, which AWS's clients do not know: JSON 1.0, signed like any other.
import { Sha256 } from "@aws-crypto/sha256-browser";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Credentials } from "./clients.ts";

export interface Decision {
  id: string;
  timestamp: number;
  principal: string;
  action: string;
  resource: string;
  decision: "Allowed" | "Denied";
  message?: string;
  explanation?: string;
  fix?: string;
  sourceArn?: string;
  executionArn?: string;
  stateName?: string;
  /** Which statement allowed it. */
  statement?: string;
  /** Allowed calls that are alike are kept as one. */
  count?: number;
}

export interface DecisionQuery {
  action?: string;
  principal?: string;
  resource?: string;
  decision?: "Allowed" | "Denied";
  executionArn?: string;
  maxResults?: number;
  nextToken?: string;
}

export class StepwardError extends Error {
  constructor(code: string, message: string) {
    super(message);
    this.name = code;
  }
}

export class StepwardClient {
  readonly #signer: SignatureV4;
  readonly #endpoint: URL;

  constructor(credentials: Credentials, region: string, endpoint: string) {
    this.#endpoint = new URL(endpoint);
    this.#signer = new SignatureV4({ credentials, region, service: "stepward", sha256: Sha256 });
  }

  listDecisions(query: DecisionQuery): Promise<{ decisions: Decision[]; nextToken?: string }> {
    return this.call("ListDecisions", query);
  }

  async call<Output>(operation: string, input: object): Promise<Output> {
    const body = JSON.stringify(input);
    const { protocol, host, hostname, port } = this.#endpoint;
    const signed = await this.#signer.sign({
      method: "POST",
      protocol,
      hostname,
      ...(port ? { port: Number(port) } : {}),
      path: "/",
      query: {},
      headers: { host, "content-type": "application/x-amz-json-1.0", "x-amz-target": `Stepward.${operation}` },
      body,
    });
    // The browser sets the host itself and lets nobody else do it.
    const { host: _, ...headers } = signed.headers;
    const response = await fetch(this.#endpoint, { method: "POST", headers, body });
    const answer = (await response.json()) as Output & { __type?: string; message?: string };
    if (!response.ok) {
      throw new StepwardError(answer.__type?.split("#").pop() ?? "UnknownError", answer.message ?? "");
    }
    return answer;
  }
}

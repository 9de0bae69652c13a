// The real binary on a free port with a data folder of its own.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env["STEPWARD_BINARY"] ?? join(import.meta.dirname, "../../target/debug/stepward");

export interface Server {
  endpoint: string;
  rootKey: () => { AccessKeyId: string; SecretAccessKey: string };
  stop: () => Promise<void>;
}

export async function startServer(...flags: string[]): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), "stepward-console-"));
  const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--data-dir", data, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const endpoint = await printedEndpoint(child);
  return {
    endpoint,
    rootKey: () => JSON.parse(readFileSync(join(data, "root-access-key.json"), "utf8")) as { AccessKeyId: string; SecretAccessKey: string },
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** The server prints where it listens when it is ready. */
function printedEndpoint(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    child.once("exit", (code) => reject(new Error(`${binary} ended with ${code}: ${printed}`)));
    child.once("error", reject);
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0];
      if (found) resolve(found);
    });
  });
}

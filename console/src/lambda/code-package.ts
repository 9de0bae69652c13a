// A deployment package: an uploaded .zip, or one file that was typed, packed here.
import type { SourceChoice } from "./code-source.tsx";

export const RUNTIMES = ["python3.13", "python3.12", "python3.11", "nodejs22.x", "nodejs20.x"];

const isNode = (runtime: string) => runtime.startsWith("nodejs");

export function exampleOf(runtime: string): string {
  return isNode(runtime)
    ? 'export const handler = async (event) => {\n  return { greeting: `Hello, ${event.name}` };\n};\n'
    : 'def handler(event, context):\n    return {"greeting": "Hello, " + event["name"]}\n';
}

export function handlerOf(_runtime: string): string {
  return "index.handler";
}

export async function codePackage(source: SourceChoice, runtime: string): Promise<Uint8Array> {
  if (source.kind === "file") return new Uint8Array(await (source.file?.arrayBuffer() ?? new ArrayBuffer(0)));
  return zipOf(isNode(runtime) ? "index.mjs" : "index.py", new TextEncoder().encode(source.text));
}

/** A .zip archive of one file, stored without compression (PKWARE APPNOTE 4.3). */
export function zipOf(name: string, content: Uint8Array): Uint8Array {
  const nameBytes = new TextEncoder().encode(name);
  const common = record([[2, 20], [2, 0x0800], [2, 0], [2, 0], [2, 0x21], [4, crc32(content)], [4, content.length], [4, content.length], [2, nameBytes.length], [2, 0]]);
  const local = join([record([[4, 0x04034b50]]), common, nameBytes, content]);
  // Read by everybody, run by everybody: 0755 of a regular file.
  const attributes = record([[2, 0], [2, 0], [2, 0], [4, 0o100755 * 0x10000], [4, 0]]);
  const central = join([record([[4, 0x02014b50], [2, 0x031e]]), common, attributes, nameBytes]);
  const end = record([[4, 0x06054b50], [2, 0], [2, 0], [2, 1], [2, 1], [4, central.length], [4, local.length], [2, 0]]);
  return join([local, central, end]);
}

/** Fields of so many bytes each, little-endian. */
function record(fields: [number, number][]): Uint8Array {
  return new Uint8Array(fields.flatMap(([size, value]) => Array.from({ length: size }, (_, at) => Math.floor(value / 256 ** at) % 256)));
}

function join(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

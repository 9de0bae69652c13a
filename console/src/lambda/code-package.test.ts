import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 as reference } from "node:zlib";
import { expect, test } from "vitest";
import { crc32, zipOf } from "./code-package.ts";

test("the checksum is the usual one", () => {
  const bytes = new TextEncoder().encode("123456789");
  expect(crc32(bytes)).toBe(0xcbf43926);
  if (reference) expect(crc32(bytes)).toBe(reference(bytes));
});

test("a package can be unpacked by others", () => {
  const folder = mkdtempSync(join(tmpdir(), "zip-"));
  try {
    writeFileSync(join(folder, "a.zip"), zipOf("index.py", new TextEncoder().encode("print('é')\n")));
    const program = "import sys, zipfile; archive = zipfile.ZipFile(sys.argv[1]); assert archive.testzip() is None; sys.stdout.buffer.write(archive.read('index.py'))";
    expect(execFileSync("python3", ["-c", program, join(folder, "a.zip")]).toString()).toBe("print('é')\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

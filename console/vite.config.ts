import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const output = join(import.meta.dirname, "dist");
/** Only compressed files are embedded in the binary; this one text is kept in the repository. */
const kept = "README.md";

/** Replaces what was built before by what is built now, compressed. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    buildStart() {
      for (const name of existsSync(output) ? readdirSync(output) : []) {
        if (name !== kept) rmSync(join(output, name), { recursive: true });
      }
    },
    closeBundle() {
      for (const entry of readdirSync(output, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (!entry.isFile() || entry.name === kept || entry.name.endsWith(".gz")) continue;
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
        rmSync(path);
      }
    },
  };
}

export default defineConfig({
  plugins: [compressed()],
  oxc: { jsx: { runtime: "automatic" } },
  build: {
    outDir: output,
    emptyOutDir: false,
    assetsDir: "console-assets",
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 3000,
    rolldownOptions: {
      onLog(level, log, pass) {
        // Libraries mark themselves for servers that render React; this page is rendered in the browser only.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") pass(level, log);
      },
      output: {
        codeSplitting: {
          groups: [
            // Named first, or the groups below would take it along and load with every page.
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\//, priority: 2 },
            { name: "editor", test: /node_modules\/(@codemirror|codemirror|@lezer|style-mod|crelt|w3c-keyname)/ },
            { name: "graph", test: /node_modules\/(@xyflow|@dagrejs|d3-|zustand|classcat)/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: { "/console-assets": process.env["STEPWARD_ENDPOINT"] ?? "http://127.0.0.1:4566" },
  },
  test: { include: ["src/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);

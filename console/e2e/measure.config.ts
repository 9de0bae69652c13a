import { defineConfig } from "vitest/config";

export default defineConfig({ test: { root: import.meta.dirname, include: ["first-page.ts", "long-history.ts"], fileParallelism: false, testTimeout: 600_000, hookTimeout: 120_000, disableConsoleIntercept: true } });

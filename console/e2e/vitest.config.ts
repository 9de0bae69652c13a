import { defineConfig } from "vitest/config";

// The tests share two cores with the server and the browser: one file at a time.
export default defineConfig({
  test: { root: import.meta.dirname, include: ["**/*.test.ts"], fileParallelism: false, testTimeout: 120_000, hookTimeout: 60_000 },
});

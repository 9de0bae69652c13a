import { defineConfig } from "vitest/config";

export default defineConfig({ test: { root: import.meta.dirname, include: ["screenshots.ts"], testTimeout: 300_000, hookTimeout: 60_000 } });

// The tests on the real engine: `npm run test:engine` installs it first, beside the project's dependencies.
import { join } from "node:path";
import { defineConfig, mergeConfig } from "vitest/config";
import shared from "../../vitest.config.ts";

const { test: _, ...rest } = shared;
const engine = process.env.AURA_ENGINE ?? join(import.meta.dirname, "..", "..", "node_modules", ".cache", "aura-engine");
export default mergeConfig(
  rest,
  defineConfig({
    test: {
      root: join(import.meta.dirname, "..", ".."),
      include: ["test/engine/**/*.engine.test.ts"],
      testTimeout: 120_000,
      hookTimeout: 60_000,
      maxWorkers: 1,
      env: { CI: "false", AURA_ENGINE: engine },
    },
  }),
);

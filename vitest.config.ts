// Real processes take their time on a busy machine: generous limits, and no more files at once than there are cores.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx", "test/**/*.story.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    env: { CI: "false" },
  },
});

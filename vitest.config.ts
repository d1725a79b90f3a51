// Real processes take their time on a busy machine: generous limits, and no more files at once than there are cores.
import { readFileSync } from "node:fs";
import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [
    {
      name: "prose",
      enforce: "pre",
      load: (id) => (id.endsWith(".md") ? `export default ${JSON.stringify(readFileSync(id, "utf8"))}` : null),
    },
  ],
  test: {
    include: ["test/**/*.test.ts", "test/**/*.story.ts"],
    // with an engine of its own: npm run test:engine
    exclude: [...configDefaults.exclude, "test/engine/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    env: { CI: "false" },
  },
});

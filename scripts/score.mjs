// `npm run score -- SUITE FILE [options]`: installs what is missing and runs one suite of cases, each a file of its own under scripts/score/. Any Node can begin it.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

if (process.env.npm_lifecycle_event === "score") await import("./install.mjs");
const [suite, ...rest] = process.argv.slice(2);
const folder = join(import.meta.dirname, "score");
const known = readdirSync(folder)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.slice(0, -3));
if (!suite || !known.includes(suite)) {
  console.error(`usage: npm run score -- ${known.join("|")} FILE [options] [--json]`);
  process.exit(2);
}
const own = join(import.meta.dirname, "..", "node_modules", "node", "bin", "node");
if (Number(process.versions.node.split(".")[0]) >= 24 || !existsSync(own)) {
  const { score } = await import(`./score/${suite}.ts`);
  process.exitCode = await score(rest);
} else {
  // an older one can't read TypeScript
  process.exitCode = spawnSync(own, [import.meta.filename, suite, ...rest], { stdio: "inherit" }).status ?? 70;
}

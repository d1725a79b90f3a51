// `npm run score -- SUITE FILE [options]`: runs one suite of cases; each suite is a file of its own under scripts/score/.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const [suite, ...rest] = process.argv.slice(2);
const folder = join(import.meta.dirname, "score");
const known = readdirSync(folder)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => name.slice(0, -3));
if (!suite || !known.includes(suite) || !existsSync(join(folder, `${suite}.ts`))) {
  console.error(`usage: npm run score -- ${known.join("|")} FILE [options] [--json]`);
  process.exit(2);
}
const { score } = await import(`./score/${suite}.ts`);
process.exitCode = await score(rest);

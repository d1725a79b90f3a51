// Bundles src/ into dist/: main.js is a stub that old Nodes can read too, everything else loads on demand.
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { copyGrammars, grammarNotices } from "./grammars.mjs";
import { noticesOf } from "./notices.mjs";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));
// beside the old one, which is in use until the new one is whole
const out = `dist.${process.pid}`;
mkdirSync(out, { recursive: true });
process.on("exit", () => rmSync(out, { recursive: true, force: true }));
const sources = createHash("sha256");
for (const file of readdirSync("src", { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`)
  .sort())
  sources.update(file).update(readFileSync(file));
sources.update(readFileSync("package-lock.json"));
const buildHash = sources.digest("hex").slice(0, 16);
const shared = {
  outdir: out,
  bundle: true,
  metafile: true,
  platform: "node",
  format: "esm",
  target: "node22",
  minify: true,
  legalComments: "none",
  loader: { ".md": "text" },
  external: ["@lydell/node-pty", "@vscode/ripgrep", "@parcel/watcher", "zeromq", "@lancedb/lancedb-*"],
  define: { AURA_VERSION: JSON.stringify(version), AURA_BUILD: JSON.stringify(buildHash) },
  banner: { js: "import {createRequire as __cr} from 'node:module';const require=__cr(import.meta.url);" },
  outExtension: { ".js": ".mjs" },
};
// One file per kind of process: what it imports lazily is inlined but evaluated only when asked for, so that a start resolves one file and not thirty.
const kinds = {
  batch: "src/app/batch.ts",
  fullscreen: "src/app/fullscreen.ts",
  following: "src/app/following.ts",
  demo: "src/app/demo/demo.ts",
  bench: "src/app/bench/bench.ts",
  plain: "src/app/plain.ts",
  serve: "src/app/serve.ts",
  engine: "src/app/engine-worker.ts",
  syntax: "src/languages/syntax-worker.ts",
  indexer: "src/app/indexer.ts",
};
const apart = {
  name: "apart",
  setup: (setup) =>
    setup.onResolve({ filter: /^\.\/(demo\/|bench\/)?(batch|bench|fullscreen|following|demo|plain|serve)\.ts$/ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path: `./${path.replace(/^.*\/|\.ts$/g, "")}.mjs`, external: true } : null,
    ),
};
const built = [await build({ ...shared, entryPoints: { cli: "src/app/main.ts" }, plugins: [apart] })];
for (const [name, entry] of Object.entries(kinds))
  built.push(await build({ ...shared, entryPoints: { [name]: entry }, plugins: name === "plain" || name === "fullscreen" ? [apart] : [] }));
copyGrammars(`${out}/grammars`);
// for `aura demo`, where the engine is installed
copyFileSync("test/engine/tool-loop.gguf", `${out}/tool-loop.gguf`);
writeFileSync(
  `${out}/NOTICES.txt`,
  noticesOf(
    built.map(({ metafile }) => metafile),
    ["node_modules/@vscode/tree-sitter-wasm", "node_modules/web-tree-sitter"],
    grammarNotices(),
  ),
);
writeFileSync(
  `${out}/main.js`,
  `#!/usr/bin/env node
var v = process.versions.node.split(".").map(Number);
if (v[0] < 22 || (v[0] === 22 && v[1] < 12)) {
  console.error("aura needs Node 22.12 or newer; this is " + process.versions.node + " (" + process.execPath + ")");
  process.exit(2);
} else import("./cli.mjs");
`,
);
chmodSync(`${out}/main.js`, 0o755);
const old = `${out}.old`;
if (existsSync("dist")) renameSync("dist", old);
renameSync(out, "dist");
rmSync(old, { recursive: true, force: true });

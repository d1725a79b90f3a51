// The house rules, as a table: who may import whom, how long a file may be, who may open a connection, and that lists are complete.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "..", "src");
const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts"))
  .map((entry) => relative(src, join(entry.parentPath, entry.name)));
const read = (file: string): string => readFileSync(join(src, file), "utf8");
const importsOf = (file: string): string[] => [...read(file).matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)["']([^"']+)["']/gm)].map((match) => match[1] as string);

/** room -> the rooms it may import; `types of X` means `import type` only. */
const mayImport: Record<string, string[]> = {
  core: [],
  models: ["core"],
  index: ["core", "languages"],
  sandbox: ["core"],
  git: ["core", "languages"],
  languages: ["core"],
  config: ["core"],
  tools: ["core", "models", "index", "sandbox", "git", "languages", "config"],
  agent: ["core", "tools", "types of models", "types of index", "types of sandbox", "types of git", "types of config", "types of languages"],
  plan: ["core", "tools", "types of models", "types of index", "types of git", "types of config", "types of languages"],
  analysis: ["core", "tools", "types of models", "types of index", "types of git", "types of config", "types of languages"],
  bus: ["core"],
  editors: ["core"],
  "app/tui": ["core"],
  app: ["core", "models", "index", "sandbox", "git", "languages", "config", "tools", "agent", "plan", "analysis", "bus", "editors", "app/tui"],
};
const roomOf = (file: string): string => (file.startsWith("app/tui/") ? "app/tui" : (file.split("/")[0] as string));

describe("the house", () => {
  it("imports only what the floor plan allows", () => {
    const wrong: string[] = [];
    for (const file of files) {
      const room = roomOf(file);
      const allowed = mayImport[room];
      if (!allowed) {
        wrong.push(`${file}: room ${room} is not on the floor plan`);
        continue;
      }
      const text = read(file);
      for (const target of importsOf(file).filter((path) => path.startsWith("."))) {
        const other = roomOf(normalize(join(dirname(file), target)));
        if (other === room || allowed.includes(other)) continue;
        const typesOnly = new RegExp(`(import|export) type [^;]*?from ["']${target.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}["']`).test(text);
        if (typesOnly && allowed.includes(`types of ${other}`)) continue;
        wrong.push(`${file} imports ${target}: ${room}/ may not import ${other}/`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it("keeps files short: 300 lines at most, tables exempt by name", () => {
    const tables = new Set<string>([]);
    const long = files
      .filter((file) => !tables.has(file))
      .map((file) => ({ file, lines: read(file).split("\n").length }))
      .filter(({ lines }) => lines > 301);
    expect(long).toEqual([]);
  });

  it("has one client: nobody else opens connections", () => {
    const network = /^(node:)?(net|tls|dgram|http|https|http2|undici)$/;
    const excepted: Record<string, RegExp> = {
      "models/loopback.ts": /^node:(http|net|dns.*)$/,
      "models/guard.ts": /^node:(net|tls|dgram)$/,
      "bus/socket.ts": /^node:net$/,
      "app/demo/server.ts": /^node:http$/,
    };
    const wrong: string[] = [];
    for (const file of files) {
      for (const target of importsOf(file)) if (network.test(target) && !excepted[file]?.test(target)) wrong.push(`${file} imports ${target}`);
      // its sockets go past the guard: only Unix sockets, in one file
      if (file === "bus/zmq.ts" ? /tcp:|udp:|inproc:/.test(read(file)) : importsOf(file).includes("zeromq")) wrong.push(`${file} uses zeromq in another way than bus/zmq.ts`);
      if (file === "models/loopback.ts") continue;
      const code = read(file).replace(/\/\/.*|\/\*[\s\S]*?\*\//g, "");
      for (const match of code.matchAll(/(?<![.\w])(fetch\(|new WebSocket|new EventSource|XMLHttpRequest)/g)) wrong.push(`${file} uses ${match[0]}`);
    }
    expect(wrong).toEqual([]);
  });

  it("says in its first line what each file is for", () => {
    expect(files.filter((file) => !/^(#!.*\n)?(\/\/|\/\*\*?) ?\S/.test(read(file)))).toEqual([]);
  });

  it("lists every tool, server and pane that exists", () => {
    /** A file that has one of these exports is one of the room's plug-ins and must be in its list. */
    const lists: [room: string, list: string, isOne: RegExp][] = [
      ["models", "models/index.ts", /^export const \w+: Server =/m],
      ["tools", "tools/index.ts", /^export const \w+: Tool<?/m],
      ["languages", "languages/index.ts", /^export const \w+: Language =/m],
      ["app/tui/panes", "app/tui/panes/index.ts", /^export const \w+: Pane =/m],
    ];
    const missing: string[] = [];
    for (const [room, list, isOne] of lists) {
      const text = read(list);
      const ones = files.filter((name) => name !== list && dirname(name) === room && isOne.test(read(name)));
      expect(ones.length, `plug-ins in ${room}`).toBeGreaterThan(2);
      for (const file of ones) if (!text.includes(`./${file.slice(room.length + 1)}`)) missing.push(`${file} is not in ${list}`);
    }
    expect(missing).toEqual([]);
  });

  it("runs its tests on Node 24", () => {
    expect(process.versions.node.split(".")[0]).toBe("24");
  });
});

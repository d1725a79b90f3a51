// The search tool: ripgrep over the repository, grouped by file, never more than fits.
import { statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod/mini";
import { ToolError } from "../core/error.ts";
import { cutLine, limits } from "./limits.ts";
import { type RgOutcome, ripgrep } from "./rg.ts";
import type { Hands, Outcome, Tool } from "./tool.ts";

const args = z.object({ text: z.string().check(z.describe("regex")), path: z.optional(z.string()), glob: z.optional(z.string()) });
export type SearchArgs = z.infer<typeof args>;

const lineChars = 300;
const matchesPerFile = 30;
interface Match {
  path: string;
  line: number;
  text: string;
}

export const search: Tool<SearchArgs> = {
  name: "search",
  about: "Search file contents: a regex, or words.",
  args,
  title: ({ text, path, glob }) => [JSON.stringify(text), path, glob].filter(Boolean).join(" "),
  async risk({ path }, { files }) {
    return { kind: "read", outside: (await files.locate(path ?? ".")).access === "outside" };
  },
  async execute({ text, path = ".", glob }, hands): Promise<Outcome> {
    if (text === "") throw new ToolError("search needs a text; use list to see files");
    const { realPath, shown, access, exists } = await hands.files.locate(path);
    if (!exists || (access === "outside" && !hands.outside)) await hands.files.list(path); // throws with the reason
    const isFolder = statSync(realPath).isDirectory();
    const [folder, target] = isFolder ? [realPath, "."] : [dirname(realPath), `./${basename(realPath)}`];
    const globs = glob
      ? glob
          .split(/[,\s]+(?![^{]*\})/)
          .filter((part) => part !== "")
          .map((part) => `--glob=${part}`)
      : [];
    const run = (how: string[], words: string): Promise<RgOutcome> =>
      ripgrep(folder, ["-n", "-0", "-H", "--no-heading", "-S", "--max-columns=4000", "--max-columns-preview", ...globs, ...how, "-e", words, target], hands.signal);
    const named = (name: string): string => (shown === "." ? name : isFolder ? join(shown, name) : shown);

    const multi = text.includes("\n") || /\\n/.test(text) ? ["-U"] : [];
    let note = "";
    let found = await run(["--engine=auto", ...multi], text);
    if (found.exit === 2 && found.text === "" && found.cut === null) {
      found = await run(["-F", ...multi], text);
      note = "not a valid regex: searched for the plain text";
    } else if (found.exit === 1 && /[.*+?^${}()|[\]\\]/.test(text)) {
      const literal = await run(["-F", ...multi], text);
      if (literal.exit === 0) [found, note] = [literal, "nothing as a regex: searched for the plain text"];
    }
    if (found.exit === 2 && found.text === "" && found.cut === null) throw new ToolError(`search failed: ${found.error.split("\n")[0] ?? ""}`);
    const matches = await permitted(parse(found.text, named), hands);
    if (matches.length === 0) {
      const byName = isFolder ? await filesNamed(folder, text, hands.signal) : [];
      const where = `${shown === "." ? "" : ` in ${shown}`}${glob ? ` (${glob})` : ""}`;
      const lines = [`no match for ${JSON.stringify(text)}${where}${found.cut === "time" ? "; it took too long and was stopped" : ""}`];
      if (byName.length > 0) lines.push(`files of that name: ${byName.map(named).join(", ")}`);
      const likely = shown === "." && !glob && isWords(text) ? await byWords(text, hands) : "";
      if (likely !== "")
        return { ok: true, text: `${lines.join("\n")}; by its words the likeliest places are:\n${likely}`, detail: { kind: "found", count: likely.split("\n").length } };
      return { ok: true, text: lines.join("\n"), detail: { kind: "found", count: 0 } };
    }
    return { ok: true, text: write(matches, Math.min(hands.room, limits.searchChars) - 150, found.cut, note), detail: { kind: "found", count: matches.length } };
  },
};

/** Two words or more, or one that is no identifier's part: nothing that a pattern has. */
const isWords = (text: string): boolean => /^[\p{L}\p{N}_,.'\- ]+$/u.test(text) && /\p{L}{2}.* .*\p{L}{2}/u.test(text);
const likelyPlaces = 6;
/** Places that the index finds by the words, a line each: where, what it is, its first line. "" when it finds none. */
async function byWords(words: string, hands: Hands): Promise<string> {
  const hits = (await hands.index?.search(words, likelyPlaces, hands.signal)) ?? [];
  const open = await permitted(
    hits.map(({ path, line, endLine, symbol, snippet }) => ({ path, line, text: `-${endLine} ${symbol ?? ""}: ${(snippet.split("\n", 1)[0] ?? "").trim()}` })),
    hands,
  );
  return open.map(({ path, line, text }) => cutLine(`${path}:${line}${text}`, lineChars)).join("\n");
}

/** `path NUL line : text`, one per line; a line of a multi-line match has its own number. */
function parse(output: string, named: (name: string) => string): Match[] {
  const matches: Match[] = [];
  for (const line of output.split("\n")) {
    const [, path, number, text] = /^(?:\.\/)?([^\0]+)\0(\d+)[:-](.*)$/s.exec(line) ?? [];
    if (path !== undefined && number !== undefined) matches.push({ path: named(path), line: Number(number), text: (text ?? "").replace(/\r$/, "") });
  }
  return matches.sort((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1));
}

/** Without what the policy hides. The door is asked for each file that has matches, up to a number nobody reads anyway. */
async function permitted(matches: Match[], { files }: Pick<Hands, "files">): Promise<Match[]> {
  const allowed = new Set<string>();
  for (const path of [...new Set(matches.map((match) => match.path))].slice(0, 500)) {
    if (
      await files.locate(path).then(
        () => true,
        () => false,
      )
    )
      allowed.add(path);
  }
  return matches.filter(({ path }) => allowed.has(path));
}

function write(matches: Match[], room: number, cut: RgOutcome["cut"], note: string): string {
  const files = new Map<string, Match[]>();
  for (const match of matches) files.set(match.path, [...(files.get(match.path) ?? []).slice(0, matchesPerFile), match]);
  const counts = new Map<string, number>();
  for (const { path } of matches) counts.set(path, (counts.get(path) ?? 0) + 1);
  const lines: string[] = [];
  let [used, shown] = [0, 0];
  const add = (line: string): boolean => {
    if (used + line.length + 1 > room) return false;
    used += line.length + 1;
    lines.push(line);
    return true;
  };
  outer: for (const [path, of] of files) {
    // the path once, where it would stand before several lines
    const several = of.length > 1;
    if (several && !add(path)) break;
    for (const { line, text } of of.slice(0, matchesPerFile)) {
      if (!add(`${several ? " " : `${path}:`}${line}: ${cutLine(text.trimEnd(), lineChars)}`)) break outer;
      shown++;
    }
    const more = (counts.get(path) ?? 0) - Math.min(of.length, matchesPerFile);
    if (more > 0 && !add(`[${more} more in ${path}]`)) break;
  }
  const total = `${matches.length}${cut ? "+" : ""} match${matches.length === 1 ? "" : "es"} in ${counts.size} file${counts.size === 1 ? "" : "s"}`;
  const notes = [note];
  if (shown < matches.length) notes.push(`${shown} of ${total} shown: narrow it with path or glob`);
  else if (matches.length > 10) notes.push(total);
  if (cut === "time") notes.push("stopped: it took too long");
  const said = notes.filter((part) => part !== "");
  return [...lines, ...(said.length > 0 ? [`[${said.join("; ")}]`] : [])].join("\n");
}

async function filesNamed(folder: string, text: string, signal: AbortSignal): Promise<string[]> {
  const words = text.toLowerCase();
  if (words.length < 3 || /\s/.test(words)) return [];
  const { text: listed } = await ripgrep(folder, ["--files", "-0"], signal);
  return listed
    .split("\0")
    .filter((path) => path.toLowerCase().includes(words))
    .sort((a, b) => a.length - b.length)
    .slice(0, 8);
}

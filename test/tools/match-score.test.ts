// `npm run score -- edits`: cases in, one list out, and a silent wrong edit is called by its name.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { place } from "./hands.ts";

it("scores a file of cases of every kind", () => {
  const rest = { source: "us", path: "x", test: "t", oracle: "o" };
  const patch = "*** Begin Patch\n*** Update File: f\n@@\n-a\n+b\n*** End Patch";
  const blocks = "f.txt\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n";
  const cases = [
    { ...rest, id: "1", kind: "replace", file_before: "a\n", old_string: "a", new_string: "b", replace_all: false, expect: { after: "b\n" } },
    { ...rest, id: "2", kind: "replace", file_before: "a\n", old_string: "zzz", new_string: "b", replace_all: false, expect: { error: true } },
    { ...rest, id: "3", kind: "replace", file_before: "a\n", old_string: "a", new_string: "b", replace_all: false, expect: { error: true } },
    { ...rest, id: "4", kind: "multi_replace", file_before: "a\n", edits: [{ old_string: "a", new_string: "b" }], expect: { after: "b\n" } },
    { ...rest, id: "5", kind: "apply_blocks", file_before: "a\n", text: blocks, expect: { after: "b\n" } },
    { ...rest, id: "6", kind: "patch", files_before: { f: "a\n", g: "g\n" }, patch, expect: { files_after: { f: "b\n", g: "g\n" } } },
    { ...rest, id: "7", kind: "parse_blocks", text: blocks, expect: { edits: [{ path: "f.txt", old_string: "a\n", new_string: "b\n" }] } },
    {
      ...rest,
      id: "8",
      kind: "parse_patch",
      text: patch,
      expect: { hunks: [{ type: "UpdateFile", path: "f", movePath: null, chunks: [{ changeContext: null, oldLines: ["a"], newLines: ["b"], isEndOfFile: false }] }] },
    },
    { ...rest, id: "9", kind: "parse_udiff", text: "--- f\n+++ f\n@@ ... @@\n-a\n+b\n", expect: { hunks: [{ path: "f", lines: ["-a\n", "+b\n"] }] } },
  ];
  const file = join(place({ "cases.json": JSON.stringify(cases) }).root, "cases.json");
  const script = join(import.meta.dirname, "..", "..", "scripts", "score.mjs");
  const score = (...args: string[]): string => execFileSync(process.execPath, [script, "edits", file, ...args], { encoding: "utf8" });
  const results = JSON.parse(score("--json")) as { id: string; got: unknown; pass: boolean; why: string }[];
  expect(results.map(({ id, pass }) => [id, pass])).toEqual(cases.map(({ id }) => [id, id !== "3"]));
  expect(results[0]?.got).toEqual({ after: "b\n" });
  expect(results[1]?.got).toEqual({ error: expect.stringContaining("old isn't in the file") });
  expect(results[2]?.why).toBe("SILENT: applied where an error was expected");
  expect(results[5]?.got).toEqual({ files_after: { f: "b\n", g: "g\n" } });
  const table = score();
  expect(table).toContain("silent wrong edits: 1");
  expect(table).toMatch(/ replace {2}cases +2\/3 +66\.7 %/);
  expect(score("--markdown")).toContain("| replace | 2 of 3 | 66.7 % |");
});

// The edit tool on a real folder: what models send, what is written, what they are told.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { applyDecisions } from "../../src/tools/draft.ts";
import { edit } from "../../src/tools/edit.ts";
import { hands, type Place, place } from "./hands.ts";

/** What the model would be told: the draft made, applied and reported, or the error's text. */
async function run(where: Place, raw: unknown, root = where.root): Promise<string> {
  const parsed = edit.args.safeParse(raw);
  if (!parsed.success) return `bad arguments: ${parsed.error.issues.map(({ path }) => path.join(".")).join(", ")}`;
  const using = hands(root);
  try {
    const drafted = await edit.draft?.(parsed.data, using);
    if (!drafted) return "no draft";
    await using.files.apply(drafted.drafts);
    return (await edit.execute(parsed.data, using, drafted)).text;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : "?";
  }
}

describe("the edit tool", () => {
  it("is small in the prompt", () => {
    const schema = z.toJSONSchema(edit.args);
    expect(schema).toMatchObject({ type: "object", required: ["path", "old", "new"] });
    expect(JSON.stringify(schema.properties).length + edit.about.length).toBeLessThan(300);
  });

  it("changes a file and says where", async () => {
    const repo = place({ "src/a.ts": "one\ntwo\nthree\nfour\n" });
    expect(await run(repo, { path: "src/a.ts", old: "two", new: "2\n2b" })).toBe("Edited src/a.ts: lines 2-3.");
    expect(repo.read("src/a.ts")).toBe("one\n2\n2b\nthree\nfour\n");
    expect(await run(repo, { path: "src/a.ts", old: "three\n", new: "" })).toBe("Edited src/a.ts: line 4 (removed).");
    expect(await run(repo, { path: "src/a.ts", old: "o", new: "0", all: true })).toBe("Edited src/a.ts: lines 1, 4.\n2 places.");
    expect(repo.read("src/a.ts")).toBe("0ne\n2\n2b\nf0ur\n");
  });

  it("says how it matched when that wasn't exact", async () => {
    const repo = place({ "a.py": "def f():\n    x = 1\n    return x\n" });
    expect(await run(repo, { path: "a.py", old: "x = 1\nreturn x", new: "return 1" })).toBe("Edited a.py: line 2.\nMatched ignoring indentation.");
    expect(repo.read("a.py")).toBe("def f():\n    return 1\n");
  });

  it("makes new files, folders too, and never over a full one", async () => {
    const repo = place({ "full.txt": "x\n" });
    expect(await run(repo, { path: "deep/er/new.txt", old: "", new: "a\nb\n" })).toBe("Created deep/er/new.txt, 2 lines.");
    expect(repo.read("deep/er/new.txt")).toBe("a\nb\n");
    expect(await run(repo, { path: "full.txt", old: "", new: "a\n" })).toMatch(/^ToolError: full\.txt: old is empty, but the file exists/);
    expect(repo.read("full.txt")).toBe("x\n");
  });

  it("understands other agents' argument names, and lists", async () => {
    const shapes: ((root: string) => unknown)[] = [
      () => ({ file_path: "a.txt", old_string: "a", new_string: "b" }),
      (root) => ({ filePath: join(root, "a.txt"), oldString: "a", newString: "b", replaceAll: false }),
      () => ({ path: "a.txt", old_str: "a", new_str: "b" }),
      () => ({ path: "./a.txt", search: "a", replace: "b" }),
      () => ({ path: "a.txt", edits: [{ old_text: "a", new_text: "b" }] }),
      () => ({
        path: "a.txt",
        edits: JSON.stringify([
          { old: "a", new: "c" },
          { old: "c", new: "b" },
        ]),
      }),
      () => ({ path: "a.txt", edits: { old: "a", new: "b" } }),
      () => ({ edits: [{ path: "a.txt", old: "a", new: "b" }] }),
      () => ({ path: "a.txt", old: "", new: "<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE" }),
      () => ({ path: "a.txt", diff: "@@ -1 +1 @@\n-a\n+b" }),
      () => ({ patch: "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-a\n+b\n" }),
      () => ({ input: "*** Begin Patch\n*** Update File: a.txt\n@@\n-a\n+b\n*** End Patch" }),
      () => "*** Begin Patch\n*** Update File: a.txt\n@@\n-a\n+b\n*** End Patch",
    ];
    for (const shape of shapes) {
      const repo = place({ "a.txt": "a\n" });
      const given = shape(repo.root);
      expect([given, await run(repo, given), repo.read("a.txt")]).toEqual([given, "Edited a.txt: line 1.", "b\n"]);
    }
  });

  it("names the argument that is missing", async () => {
    const repo = place({ "a.txt": "a\n" });
    expect(await run(repo, { path: "a.txt", old: "a" })).toBe("bad arguments: new");
    expect(await run(repo, { old: "a", new: "b" })).toBe("bad arguments: path");
    expect(await run(repo, 7)).toMatch(/^bad arguments/);
    expect(await run(repo, { path: "a.txt", patch: "do it" })).toMatch(/no form known here/);
  });

  it("applies a patch of several files wholly or not at all", async () => {
    const repo = place({ "a.txt": "a\n", "b.txt": "b\n" });
    const patch = (last: string): string => `*** Begin Patch\n*** Update File: a.txt\n@@\n-a\n+A\n*** Update File: b.txt\n*** Move to: c.txt\n@@\n-${last}\n+B\n*** End Patch`;
    expect(await run(repo, { path: "", old: "", new: patch("zz") })).toMatch(/^ToolError: b\.txt: [\s\S]*Nothing of the patch was applied/);
    expect(repo.read("a.txt")).toBe("a\n");
    expect(await run(repo, { patch: patch("b") })).toBe("Edited a.txt: line 1.\nDeleted b.txt.\nCreated c.txt, 1 lines.");
    expect([repo.read("a.txt"), repo.read("c.txt"), () => repo.read("b.txt")]).toEqual(["A\n", "B\n", expect.any(Function)]);
    const blocks = "a.txt\n<<<<<<< SEARCH\nA\n=======\nAA\n>>>>>>> REPLACE\n\nc.txt\n<<<<<<< SEARCH\nnope\n=======\nx\n>>>>>>> REPLACE\n";
    expect(await run(repo, { patch: blocks })).toMatch(/No file was changed\.$/);
    expect(repo.read("a.txt")).toBe("A\n");
  });

  it("writes a file that is itself about patches as it is", async () => {
    const repo = place();
    const text = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n";
    await run(repo, { path: "fix.patch", old: "", new: text });
    await run(repo, { path: "notes.md", old: "", new: `Use this:\n${text}` });
    expect([repo.read("fix.patch"), repo.read("notes.md")]).toEqual([text, `Use this:\n${text}`]);
  });

  it("keeps bytes it doesn't touch, in UTF-8 with BOM and in Latin-1", async () => {
    const repo = place({ "bom.txt": "\uFEFFa\r\nb\r\n", "latin.txt": Buffer.from("caf\xe9\nold\n", "latin1") });
    await run(repo, { path: "bom.txt", old: "a\nb", new: "a\nc" });
    expect(repo.read("bom.txt")).toBe("\uFEFFa\r\nc\r\n");
    await run(repo, { path: "latin.txt", old: "old", new: "né" });
    expect(await hands(repo.root).files.read("latin.txt")).toEqual(Buffer.from("caf\xe9\nn\xe9\n", "latin1"));
    expect(await run(repo, { path: "latin.txt", old: "caf", new: "→" })).toMatch(/latin\.txt isn't UTF-8 but a single-byte encoding, which has no →/);
  });

  it("refuses what isn't text, isn't there or is a folder", async () => {
    const repo = place({ "bin.dat": Buffer.from([1, 0, 2]), "wide.txt": Buffer.from([0xff, 0xfe, 0x61, 0]), "src/main.ts": "x\n" });
    mkdirSync(join(repo.root, "dir"));
    expect(await run(repo, { path: "bin.dat", old: "a", new: "b" })).toMatch(/bin\.dat is binary/);
    expect(await run(repo, { path: "wide.txt", old: "a", new: "b" })).toMatch(/wide\.txt is UTF-16/);
    expect(await run(repo, { path: "src/mian.ts", old: "a", new: "b" })).toMatch(/src\/mian\.ts does not exist; nearest: src\/main\.ts/);
    expect(await run(repo, { path: "dir", old: "a", new: "b" })).toMatch(/^ToolError: dir /);
  });

  it("asks for the strictest right among its paths", async () => {
    const repo = place({ "a.txt": "a\n" });
    const risk = async (raw: unknown): Promise<unknown> => edit.risk(edit.args.parse(raw), hands(repo.root));
    expect(await risk({ path: "a.txt", old: "a", new: "b" })).toEqual({ kind: "write", outside: false, protected: false });
    expect(await risk({ path: "/etc/hosts", old: "a", new: "b" })).toMatchObject({ outside: true });
    expect(await risk({ path: ".git/config", old: "a", new: "b" })).toMatchObject({ protected: true });
    const patch = "*** Begin Patch\n*** Update File: a.txt\n*** Move to: .git/hooks/pre-commit\n@@\n-a\n+b\n*** End Patch";
    expect(await risk({ patch })).toMatchObject({ protected: true });
    expect(await risk({ path: "a.txt", old: "", new: patch })).toMatchObject({ protected: true });
  });

  it("tells of what was left after the person's decisions", async () => {
    const repo = place({ "a.txt": Array.from({ length: 30 }, (_, i) => `${i + 1}.\n`).join("") });
    const args = edit.args.parse({
      path: "a.txt",
      edits: [
        { old: "2.\n3.", new: "2.\nX" },
        { old: "28.", new: "Y" },
      ],
    });
    const using = hands(repo.root);
    const drafted = await edit.draft?.(args, using);
    const [first] = drafted?.drafts ?? [];
    const left = first ? applyDecisions(first, [{ id: first.change.hunks[0]?.id ?? ("" as never), is: "dropped" }]) : null;
    expect((await edit.execute(args, using, { drafts: left ? [left] : [], note: "" })).text).toBe("Edited a.txt: line 28.");
    expect((await edit.execute(args, using, { drafts: [], note: "" })).text).toBe("Nothing was changed.");
  });
});

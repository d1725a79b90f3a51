// The write tool on a real folder: whole files, with what the file had that models don't write.
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { write } from "../../src/tools/write.ts";
import { hands, type Place, place } from "./hands.ts";

async function run(where: Place, raw: unknown): Promise<string> {
  const parsed = write.args.safeParse(raw);
  if (!parsed.success) return `bad arguments: ${parsed.error.issues.map(({ path }) => path.join(".")).join(", ")}`;
  const using = hands(where.root);
  try {
    const drafted = await write.draft?.(parsed.data, using);
    if (!drafted) return "no draft";
    await using.files.apply(drafted.drafts);
    return (await write.execute(parsed.data, using, drafted)).text;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : "?";
  }
}

describe("the write tool", () => {
  it("makes a file and its folders, exactly as given", async () => {
    const repo = place();
    expect(await run(repo, { path: "a/b/c.txt", content: "x\r\ny" })).toBe("Created a/b/c.txt, 2 lines.");
    expect(repo.read("a/b/c.txt")).toBe("x\r\ny");
    expect(await run(repo, { file_path: "empty.txt", contents: "" })).toBe("Created empty.txt, 0 lines.");
  });
  it("keeps mode, BOM and CRLF of the file there was", async () => {
    const repo = place({ "run.sh": "#!/bin/sh\n", "win.txt": "\uFEFFa\r\nb\r\n", "mixed.txt": "a\r\nb\n" });
    chmodSync(join(repo.root, "run.sh"), 0o755);
    await run(repo, { path: "run.sh", content: "#!/bin/sh\necho\n" });
    expect(statSync(join(repo.root, "run.sh")).mode & 0o777).toBe(0o755);
    expect(await run(repo, { path: "win.txt", content: "a\nB\n" })).toBe("Edited win.txt: line 2.");
    expect(repo.read("win.txt")).toBe("\uFEFFa\r\nB\r\n");
    await run(repo, { path: "mixed.txt", content: "a\nc\n" });
    expect(repo.read("mixed.txt")).toBe("a\nc\n");
  });
  it("refuses stand-ins for code, no change and no content", async () => {
    const repo = place({ "a.js": "a();\nb();\n" });
    expect(await run(repo, { path: "a.js", content: "z();\n// ... rest of the code remains the same\n" })).toMatch(/^ToolError: a\.js: line 2 of content stands for code left out/);
    expect(await run(repo, { path: "a.js", content: "a();\nb();\n" })).toMatch(/already holds exactly that/);
    expect(await run(repo, { path: "a.js" })).toBe("bad arguments: content");
    expect(repo.read("a.js")).toBe("a();\nb();\n");
  });
});

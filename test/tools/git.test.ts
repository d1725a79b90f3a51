// The git tool on a real repository.
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { git } from "../../src/tools/git.ts";
import { repo } from "../git/repo.ts";
import { hands, place } from "./hands.ts";

describe("git", () => {
  it("tells status, differences and history", async () => {
    const made = repo({ "a.txt": "one\n", "sub/b.txt": "b\n" });
    const mine = hands(made.root);
    expect((await git.execute({ action: "status" }, mine)).text).toBe("## main\nclean");
    expect((await git.execute({ action: "diff" }, mine)).text).toBe("no differences");
    made.write("new.txt", "n\n");
    expect((await git.execute({ action: "diff" }, mine)).text).toBe("no differences; untracked: new.txt");
    made.write("a.txt", "two\n");
    made.write("sub/b.txt", "B\n");
    expect((await git.execute({ action: "diff", paths: ["sub"] }, mine)).text).toMatch(/-b\n\+B$/);
    expect((await git.execute({ action: "diff", paths: ["./a.txt"], base: "HEAD" }, mine)).text).toMatch(/-one\n\+two$/);
    made.git("add", "-A");
    expect((await git.execute({ action: "diff" }, mine)).text).toMatch(/^nothing unstaged; staged:\n/);
    expect((await git.execute({ action: "log" }, mine)).text).toMatch(/Test: start$/);
    expect((await git.execute({ action: "diff" }, hands(made.root, { room: 500 }))).text.length).toBeLessThan(900);
  });
  it("commits, as a commit: everything or the named paths", async () => {
    const made = repo();
    const mine = hands(made.root);
    made.write("a.txt", "two\n");
    made.write("b.txt", "new\n");
    expect(await git.risk({ action: "commit" }, mine)).toEqual({ kind: "commit" });
    expect(await git.risk({ action: "diff" }, mine)).toEqual({ kind: "read", outside: false });
    await expect(git.execute({ action: "commit" }, mine)).rejects.toThrow('commit needs a "message"');
    await expect(git.execute({ action: "commit", message: "x", paths: ["../elsewhere"] }, mine)).rejects.toThrow(/outside/);
    expect((await git.execute({ action: "commit", message: "Change b", paths: ["b.txt"] }, mine)).text).toMatch(/^\[main [0-9a-f]{8}\] Change b\n1 file changed/);
    expect((await git.execute({ action: "commit", message: "Rest", paths: ["."] }, mine)).ok).toBe(true);
    expect(await git.execute({ action: "commit", message: "None" }, mine)).toEqual({ ok: false, text: "nothing to commit" });
  });
  it("commits a link as a link, and what was removed", async () => {
    const made = repo({ "a.txt": "one\n", "gone.txt": "g\n", "real/x.txt": "x\n" });
    const mine = hands(made.root);
    symlinkSync("/etc/hosts", join(made.root, "alias"));
    symlinkSync("real", join(made.root, "folder"));
    rmSync(join(made.root, "gone.txt"));
    made.write("real/x.txt", "y\n");
    const outcome = await git.execute({ action: "commit", message: "Link", paths: ["alias", "gone.txt", "folder/x.txt"] }, mine);
    expect(outcome.ok).toBe(true);
    expect(made.git("show", "--name-status", "--format=", "HEAD")).toBe("A\talias\nD\tgone.txt\nM\treal/x.txt");
    expect(made.git("ls-tree", "HEAD", "alias")).toMatch(/^120000/);
  });
  it("says so in a plain folder", async () => {
    const { root } = place({ "a.txt": "x" });
    expect(await git.execute({ action: "status" }, hands(root))).toEqual({ ok: false, text: "this folder is not a git repository" });
    expect((await git.execute({ action: "diff" }, hands(root))).ok).toBe(false);
  });
});

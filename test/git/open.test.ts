// Git's questions on real repositories of every shape: plain, unborn, detached, worktree, submodule, subfolder, none.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findGit } from "../../src/git/find.ts";
import type { Git } from "../../src/git/git.ts";
import { openGit } from "../../src/git/open.ts";
import { at, folder, repo } from "./repo.ts";

const signal = new AbortController().signal;
const open = (root: string): Git => openGit({ root, runHook: async () => ({ ok: true, text: "" }) });

describe("git's questions", () => {
  it("status, diff, log and line of a plain repository", async () => {
    const { root, write, git } = repo({ "a.txt": "one\n", "ü b.txt": "x\n" });
    const ours = open(root);
    write("a.txt", "two\n");
    write("new.txt", "n\n");
    write("ü b.txt", "y\n");
    git("add", "ü b.txt");
    expect(await ours.status(signal)).toEqual({ ok: true, exit: 0, text: '## main\n M a.txt\nM  "ü b.txt"\n?? new.txt' });
    expect((await ours.diff({}, signal)).text).toContain("-one\n+two");
    expect((await ours.diff({ paths: ["new.txt"] }, signal)).text).toBe("");
    expect((await ours.diff({ staged: true }, signal)).text).toContain("+y");
    expect((await ours.diff({ base: "HEAD", paths: ["a.txt"] }, signal)).text).toContain("+two");
    expect((await ours.diff({ base: "--output=x" }, signal)).ok).toBe(false);
    expect(await ours.diff({ base: "nope" }, signal)).toMatchObject({ ok: false });
    expect((await ours.log({ count: 5 }, signal)).text).toMatch(/^[0-9a-f]{7} \d{4}-\d\d-\d\d Test: start$/);
    expect(await ours.line(signal)).toEqual({ branch: "main", ahead: 0, behind: 0, dirty: 3 });
    expect(ours.present).toBe(true);
  });

  it("a repository without commits, and a detached HEAD", async () => {
    const { root, write } = repo({});
    write("a.txt", "x");
    expect(await open(root).log({ count: 3 }, signal)).toEqual({ ok: true, text: "no commits yet", exit: 0 });
    expect(await open(root).line(signal)).toEqual({ branch: "main", ahead: 0, behind: 0, dirty: 1 });
    const other = repo();
    const id = other.git("rev-parse", "HEAD");
    other.git("checkout", "-q", "--detach");
    expect((await open(other.root).line(signal))?.branch).toBe(id.slice(0, 8));
    other.write("a.txt", "z\n");
    expect((await open(other.root).commit({ message: "Detached" }, signal)).text).toMatch(/^\[detached HEAD [0-9a-f]{8}\] Detached/);
    expect(other.git("rev-parse", "HEAD~1")).toBe(id);
  });

  it("ahead and behind of an upstream", async () => {
    const { root, git, write } = repo();
    git("branch", "up");
    git("branch", "-q", "--set-upstream-to=up");
    write("a.txt", "2\n");
    git("commit", "-qam", "two");
    expect(await open(root).line(signal)).toEqual({ branch: "main", ahead: 1, behind: 0, dirty: 0 });
  });

  it("a linked worktree, a submodule and a subfolder", async () => {
    const main = repo({ "a.txt": "one\n", "sub/b.txt": "b\n" });
    const linked = at(join(folder(), "wt"));
    main.git("worktree", "add", "-q", "-b", "side", linked.root);
    linked.write("a.txt", "linked\n");
    expect(await open(linked.root).line(signal)).toEqual({ branch: "side", ahead: 0, behind: 0, dirty: 1 });
    expect((await open(linked.root).commit({ message: "In the worktree" }, signal)).ok).toBe(true);
    expect(main.git("log", "-1", "--format=%s", "side")).toBe("In the worktree");
    expect(linked.git("status", "--porcelain")).toBe("");
    expect(findGit(linked.root)).toEqual({ top: linked.root, gitDir: join(main.root, ".git/worktrees/wt"), commonDir: join(main.root, ".git") });

    const outer = repo();
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", main.root, "mod");
    outer.git("commit", "-qm", "with a module");
    const inner = at(join(outer.root, "mod"));
    inner.git("config", "user.name", "Test");
    inner.git("config", "user.email", "test@example.invalid");
    inner.write("a.txt", "changed in the module\n");
    expect((await open(inner.root).line(signal))?.dirty).toBe(1);
    expect((await open(inner.root).commit({ message: "In the module" }, signal)).ok).toBe(true);
    expect((await open(outer.root).status(signal)).text).toBe("## main\n M mod");
    expect((await open(outer.root).commit({ message: "Move the module" }, signal)).ok).toBe(true);
    expect(outer.git("status", "--porcelain")).toBe("");

    const below = open(join(main.root, "sub"));
    main.write("sub/b.txt", "B\n");
    main.write("a.txt", "above\n");
    expect((await below.status(signal)).text).toBe("## main\n M sub/b.txt");
    expect((await below.commit({ message: "Only below" }, signal)).ok).toBe(true);
    expect(main.git("status", "--porcelain")).toBe("M a.txt");
  });

  it("a plain folder, one that becomes a repository, and one that only looks like a bare repository", async () => {
    const root = folder();
    const ours = open(root);
    expect(ours.present).toBe(false);
    expect(await ours.status(signal)).toEqual({ ok: false, text: "this folder is not a git repository", exit: null });
    expect(await ours.line(signal)).toBeNull();
    at(root).git("init", "-q", "-b", "main");
    expect(ours.present).toBe(true);
    const bare = folder();
    at(bare).git("init", "-q", "--bare");
    expect(findGit(bare)).toBeNull();
    const broken = folder();
    writeFileSync(join(broken, ".git"), "gitdir: /nowhere/at/all\n");
    expect(findGit(broken)).toBeNull();
  });

  it("says when git is missing, ends on abort, and never takes a git from the repository", async () => {
    const { root, script, has } = repo();
    script("bin/git", `touch ${root}/planted`);
    const env = { HOME: root, PATH: `${root}/bin:relative:.` };
    const without = openGit({ root, env, runHook: async () => ({ ok: true, text: "" }) });
    expect(await without.status(signal)).toEqual({ ok: false, text: "git is not installed", exit: null });
    expect(has("planted")).toBe(false);
    await expect(open(root).status(AbortSignal.abort())).rejects.toThrow();
    mkdirSync(join(root, "deep"));
    writeFileSync(join(root, ".git/config"), "[broken\n");
    expect(await open(root).status(signal)).toMatchObject({ ok: false, text: expect.stringMatching(/bad config/) });
  });
});

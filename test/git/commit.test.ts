// Commits: what goes in, what stays staged, hooks that pass, fail and change the message, and that a failure leaves nothing behind.
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, utimesSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Git } from "../../src/git/git.ts";
import { foreignFilters, overrides, parseConfig } from "../../src/git/guard.ts";
import { openGit } from "../../src/git/open.ts";
import { folder, type Repo, repo } from "./repo.ts";

const signal = new AbortController().signal;
const env = { PATH: process.env.PATH ?? "", HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" };
/** Runs hooks as plain processes and remembers which. */
function open(root: string, ran: string[] = []): Git {
  return openGit({
    root,
    env,
    async runHook(hook, args, hookEnv) {
      ran.push(basename(hook));
      const { status, stdout, stderr } = spawnSync(hook, args, { cwd: root, encoding: "utf8", env: { PATH: process.env.PATH, ...hookEnv } });
      return { ok: status === 0, text: stdout + stderr };
    },
  });
}
const state = ({ git, root }: Repo) => ({
  head: git("rev-parse", "HEAD"),
  index: git("ls-files", "-s"),
  status: git("status", "--porcelain"),
  files: readdirSync(join(root, ".git")).sort(),
});

describe("commit", () => {
  it("takes all changes: changed, new, removed, replaced", async () => {
    const made = repo({ "a.txt": "one\n", "gone.txt": "g\n", "dir/x": "x\n", file: "f\n", "ignored.log": "tracked all the same\n" });
    made.write(".gitignore", "*.tmp\n");
    made.write("a.txt", "two\n");
    made.write("new/deep.txt", "n\n");
    made.write("junk.tmp", "j\n");
    execFileSync("sh", ["-c", "rm gone.txt file && mkdir file && echo y > file/inner && rm -r dir && echo d > dir"], { cwd: made.root });
    const outcome = await open(made.root).commit({ message: "  Change much  \n\n\n\nBecause.  \n" }, signal);
    expect(outcome).toMatchObject({ ok: true, exit: 0 });
    expect(outcome.text).toMatch(/^\[main [0-9a-f]{8}\] Change much\n8 files changed/);
    expect(made.git("log", "-1", "--format=%B")).toBe("Change much\n\nBecause.");
    expect(made.git("status", "--porcelain")).toBe("");
    expect(made.git("fsck", "--strict")).toBe("");
    expect(made.git("reflog", "-1", "--format=%gs")).toBe("commit: Change much");
    expect(made.git("show", "HEAD:file/inner")).toBe("y");
    expect(await open(made.root).commit({ message: "Again" }, signal)).toMatchObject({ ok: false, text: "nothing to commit" });
  });

  it("takes only the named paths; what else was staged stays staged", async () => {
    const made = repo({ "a.txt": "one\n", "b.txt": "b\n", "-odd*.txt": "o\n" });
    made.write("a.txt", "two\n");
    made.write("b.txt", "B\n");
    made.write("-odd*.txt", "O\n");
    made.git("add", "b.txt");
    const outcome = await open(made.root).commit({ message: "Only a", paths: ["a.txt", "-odd*.txt"] }, signal);
    expect(outcome.ok).toBe(true);
    expect(made.git("show", "--name-only", "--format=", "HEAD")).toBe("-odd*.txt\na.txt");
    expect(made.git("status", "--porcelain")).toBe("M  b.txt");
    expect(await open(made.root).commit({ message: "x", paths: ["nope.txt"] }, signal)).toMatchObject({ ok: false, text: "nothing to commit in nope.txt" });
  });

  for (const paths of [undefined, ["a.txt"]]) {
    it(`sees an edit of equal size made in the same tick as the index was written (${paths ? "named" : "all"})`, async () => {
      const made = repo({});
      made.git("config", "core.trustctime", "false");
      made.git("config", "core.checkStat", "minimal");
      const tick = 1_700_000_000;
      const still = (path: string): void => utimesSync(join(made.root, path), tick, tick);
      made.write("a.txt", "one\n");
      made.write("b.txt", "b\n");
      still("a.txt");
      still("b.txt");
      made.git("add", "-A");
      made.git("commit", "-qm", "start");
      made.write("a.txt", "two\n");
      made.write("b.txt", "B\n");
      still("a.txt");
      still("b.txt");
      still(".git/index"); // all that tells git not to trust what it noted about the files
      expect(made.git("--no-optional-locks", "status", "--porcelain")).toBe("M a.txt\n M b.txt");
      expect(await open(made.root).commit({ message: "Two", ...(paths ? { paths } : {}) }, signal)).toMatchObject({ ok: true });
      expect(made.git("show", "HEAD:a.txt")).toBe("two");
      expect(made.git("show", "HEAD:b.txt")).toBe(paths ? "b" : "B");
      expect(made.git("status", "--porcelain")).toBe(paths ? "M b.txt" : "");
    });
  }

  it("makes the first commit", async () => {
    const made = repo({});
    expect(await open(made.root).commit({ message: "Start" }, signal)).toMatchObject({ ok: false, text: "nothing to commit" });
    made.write("a.txt", "x\n");
    made.write("b.txt", "x\n");
    expect((await open(made.root).commit({ message: "Start", paths: ["a.txt"] }, signal)).text).toMatch(/^\[main [0-9a-f]{8}\] Start\n1 file changed/);
    expect(made.git("status", "--porcelain")).toBe("?? b.txt");
  });

  it("refuses in words: no message, a merge, a locked index, nobody's name", async () => {
    const made = repo();
    made.write("a.txt", "x\n");
    expect((await open(made.root).commit({ message: " \n" }, signal)).text).toMatch(/needs a message/);
    writeFileSync(join(made.root, ".git/index.lock"), "");
    expect((await open(made.root).commit({ message: "x" }, signal)).text).toMatch(/another git process/);
    expect(made.has(".git/index.lock")).toBe(true);
    execFileSync("rm", [join(made.root, ".git/index.lock")]);
    writeFileSync(join(made.root, ".git/MERGE_HEAD"), `${made.git("rev-parse", "HEAD")}\n`);
    expect((await open(made.root).commit({ message: "x" }, signal)).text).toMatch(/a merge is in progress/);
    execFileSync("rm", [join(made.root, ".git/MERGE_HEAD")]);
    made.git("config", "--unset", "user.email");
    made.git("config", "user.useConfigOnly", "true");
    const before = state(made);
    expect((await open(made.root).commit({ message: "x" }, signal)).text).toMatch(/email/i);
    expect(state(made)).toEqual(before);
  });

  it("runs the hooks in order; a message hook may change the message", async () => {
    const made = repo();
    made.script(".git/hooks/pre-commit", 'test "$(git diff --cached --name-only)" = a.txt && echo looked');
    made.script(".git/hooks/prepare-commit-msg", 'test "$2" = message && sed -i "1s/^/[X] /" "$1"');
    made.script(".git/hooks/commit-msg", 'echo "Change-Id: 7" >> "$1"');
    made.script(".git/hooks/post-commit", "echo after; exit 1");
    made.write(".git/hooks/pre-push", "not executable");
    made.write("a.txt", "x\n");
    const ran: string[] = [];
    const outcome = await open(made.root, ran).commit({ message: "Word" }, signal);
    expect(outcome.text).toContain("looked\nafter");
    expect(ran).toEqual(["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"]);
    expect(made.git("log", "-1", "--format=%B")).toBe("[X] Word\nChange-Id: 7");
    expect(made.git("status", "--porcelain")).toBe("");
  });

  it("honours hooks the person keeps in the tree", async () => {
    const made = repo();
    made.script(".husky/_/pre-commit", "echo husky says no; exit 1");
    made.git("config", "core.hooksPath", ".husky/_");
    made.write("a.txt", "x\n");
    expect(await open(made.root).commit({ message: "x" }, signal)).toMatchObject({
      ok: false,
      text: expect.stringMatching(/pre-commit hook refused, nothing was committed:\nhusky says no/),
    });
  });

  for (const hook of ["pre-commit", "prepare-commit-msg", "commit-msg"]) {
    it(`leaves everything as it was when ${hook} fails`, async () => {
      const made = repo({ "a.txt": "one\n", "b.txt": "b\n" });
      made.script(`.git/hooks/${hook}`, "echo no >&2; exit 3");
      made.write("a.txt", "x\n");
      made.write("b.txt", "x\n");
      made.git("add", "b.txt");
      const before = state(made);
      const outcome = await open(made.root).commit({ message: "x" }, signal);
      expect(outcome).toMatchObject({ ok: false, text: `the ${hook} hook refused, nothing was committed:\nno` });
      expect(state(made)).toEqual(before);
      expect(readdirSync(made.root).sort()).toEqual([".git", "a.txt", "b.txt"]);
    });
  }

  it("does not take a message from whatever a hook puts in its file's place", async () => {
    const made = repo();
    const secret = join(folder(), "secret");
    writeFileSync(secret, "SECRET");
    made.script(".git/hooks/commit-msg", `rm "$1"; ln -s ${secret} "$1"`);
    made.write("a.txt", "x\n");
    expect((await open(made.root).commit({ message: "Mine" }, signal)).ok).toBe(true);
    expect(made.git("log", "-1", "--format=%B")).toBe("Mine");
    expect(readdirSync(made.root).sort()).toEqual([".git", "a.txt"]);
  });

  it("refuses a HEAD that moved meanwhile, and an abort leaves nothing", async () => {
    const made = repo();
    made.script(".git/hooks/pre-commit", "exit 0");
    made.write("a.txt", "x\n");
    const elsewhere = openGit({
      root: made.root,
      env,
      async runHook() {
        made.git("update-ref", "HEAD", made.git("commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "other"));
        return { ok: true, text: "" };
      },
    });
    expect((await elsewhere.commit({ message: "x" }, signal)).text).toMatch(/HEAD could not be moved, nothing was committed/);
    expect(made.git("log", "-1", "--format=%s")).toBe("other");
    expect(made.git("status", "--porcelain")).toBe("M a.txt");
    const stop = new AbortController();
    const stopped = openGit({
      root: made.root,
      env,
      async runHook() {
        stop.abort();
        return { ok: true, text: "" };
      },
    });
    const before = state(made);
    await expect(stopped.commit({ message: "x" }, stop.signal)).rejects.toThrow();
    expect(state(made)).toEqual(before);
  });

  it("will not store a file unfiltered whose filter it does not run, but runs the person's own", async () => {
    const made = repo();
    made.git("config", "filter.crypt.clean", "tr a-z A-Z");
    made.write(".gitattributes", "*.key filter=crypt\n*.up filter=mine\n");
    made.write("a.key", "secret\n");
    expect((await open(made.root).commit({ message: "x" }, signal)).text).toMatch(/a\.key goes through the filter "crypt"/);
    expect(made.git("status", "--porcelain")).toBe("?? .gitattributes\n?? a.key");
    const home = folder();
    writeFileSync(join(home, ".gitconfig"), '[filter "mine"]\n\tclean = tr a-z A-Z\n[user]\n\tname = Person\n\temail = person@example.invalid\n');
    made.git("config", "--remove-section", "user");
    made.git("config", "filter.mine.clean", "tr a-z 0-9"); // the repository can't change what the person's own filter is
    made.write("b.up", "up\n");
    const own = openGit({ root: made.root, env: { ...env, HOME: home }, runHook: async () => ({ ok: true, text: "" }) });
    expect((await own.commit({ message: "Mine", paths: ["b.up"] }, signal)).text).toMatch(/goes through the filter "mine"/);
    made.git("config", "--remove-section", "filter.mine");
    expect((await own.commit({ message: "Mine", paths: ["b.up"] }, signal)).ok).toBe(true);
    expect(made.git("show", "HEAD:b.up")).toBe("UP");
    expect(made.git("log", "-1", "--format=%an")).toBe("Person");
  });
});

describe("the guard's table", () => {
  it("reads git's list and outranks only what the repository says", () => {
    const config = parseConfig(
      "global\0filter.lfs.clean\ngit-lfs clean\0local\0filter.lfs.clean\nevil\0local\0filter.a=b.process\nevil\0local\0core.bare\0local\0diff.X.textconv\nmulti\nline\0local\0hook.h.command\nevil\0",
    );
    const mine = new Map(overrides(config));
    expect(mine.get("filter.lfs.clean")).toBe("git-lfs clean");
    expect(mine.get("filter.a=b.process")).toBe("");
    expect(mine.get("diff.X.textconv")).toBe("");
    expect(mine.get("hook.h.enabled")).toBe("false");
    expect(mine.get("core.fsmonitor")).toBe("false");
    expect([...foreignFilters(config)].sort()).toEqual(["a=b", "lfs"]);
  });
});

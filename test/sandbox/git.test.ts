// Nothing that a command leaves behind makes the host's git run anything: real repositories of every shape, real git afterwards.
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gitlinksOf, gitPaths } from "../../src/sandbox/gitdirs.ts";
import { makeWorld, users, type World, workingLevels } from "./world.ts";

const env = {
  PATH: process.env.PATH,
  HOME: "/nonexistent",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@b",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@b",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_COUNT: "2",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
  GIT_CONFIG_KEY_1: "protocol.file.allow",
  GIT_CONFIG_VALUE_1: "always",
};
const git = (cwd: string, ...args: string[]): string => execFileSync("git", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
function repository(root: string): void {
  mkdirSync(root, { recursive: true });
  git(root, "init", "-q", "-b", "main");
  writeFileSync(join(root, "a.txt"), "a\n");
  git(root, "add", ".");
  git(root, "commit", "-qm", "first");
}
/** What an unsuspecting person does next; true when something planted ran. */
function ran(world: World, ...folders: string[]): boolean {
  for (const folder of [world.root, ...folders].filter((path) => existsSync(path))) {
    for (const args of [["status"], ["diff"], ["log", "-1"]]) {
      try {
        git(folder, ...args);
      } catch {
        // not a repository, or a broken one
      }
    }
  }
  return existsSync(join(world.base, "PLANTED"));
}
const boxes = (await Promise.all(users.map(async (user) => (await workingLevels(user)).map((level) => ({ user, level, name: `${level} as ${user.name}` }))))).flat();

describe.each(boxes)("git's folders from inside $name", ({ user, level }) => {
  let world: World;
  const open = (fill: (root: string, base: string) => void, place?: string): void => {
    world = makeWorld({ user, level, fill, ...(place ? { place } : {}) });
  };
  /** A repository made inside that runs something when git looks at it. */
  const plant = (at: string): string =>
    `(rm -rf ${at}; mkdir -p ${at}/objects ${at}/refs/heads ${at}/hooks; printf 'ref: refs/heads/main\\n' >${at}/HEAD; printf '[core]\\n\\trepositoryformatversion = 0\\n\\tfsmonitor = "touch ${world.base}/PLANTED; false"\\n\\tpager = "touch ${world.base}/PLANTED"\\n' >${at}/config) 2>/dev/null`;

  it("stay as they are in a repository", async () => {
    open((root) => repository(root));
    const before = readFileSync(join(world.root, ".git/config"), "utf8");
    const { text } = await world.run(`
      git status --short; git log --oneline | wc -l
      echo '[core] fsmonitor = "touch ${world.base}/PLANTED"' >>.git/config
      echo 'touch ${world.base}/PLANTED' >.git/hooks/post-checkout; echo ${world.root}/evil >.git/commondir; echo x >.git/new
      ${plant("evil")}; mv .git moved; mv evil .git; rm -rf .git; ln -sfn evil .git; rmdir .git; git config core.fsmonitor evil; git init
      cd ..; mv repo repo2; mkdir repo; echo end`);
    expect(text).toContain("end");
    expect(readFileSync(join(world.root, ".git/config"), "utf8")).toBe(before);
    for (const name of ["commondir", "new", "hooks/post-checkout"]) expect(existsSync(join(world.root, ".git", name)), name).toBe(false);
    expect(ran(world)).toBe(false);
    await world.close();
  });

  it("do not come into being in a plain folder, and nothing is left behind", async () => {
    open((root) => writeFileSync(join(root, "a.txt"), "a"));
    const job = await world.run("sleep 20", { settleMs: 200 });
    for (const command of [
      plant(".git"),
      "git init",
      "rmdir .git; mkdir .git",
      "mv .git x; mkdir -p .git; echo x >.git/HEAD",
      "ln -s /tmp .git",
      "mkdir -p .aura; echo '{}' >.aura/config.json; rmdir .aura",
    ]) {
      await world.run(`${command}; true`);
      expect(ran(world)).toBe(false);
      expect(
        readdirSync(world.root)
          .filter((name) => name !== "a.txt")
          .flatMap((name) => readdirSync(join(world.root, name))),
      ).toEqual([]);
    }
    await world.tell({ do: "stop", job: job.job ?? "" });
    await expect.poll(() => readdirSync(world.root), { timeout: 20_000 }).toEqual(["a.txt"]);
    await world.run("true");
    expect(readdirSync(world.root)).toEqual(["a.txt"]);
    await world.close();
  });

  it("stay as they are behind a worktree", async () => {
    open((root, base) => {
      repository(join(base, "main"));
      execFileSync("rmdir", [root]);
      git(join(base, "main"), "worktree", "add", "-q", root);
    });
    const main = join(world.base, "main/.git");
    const before = readFileSync(join(main, "config"), "utf8");
    const pointer = readFileSync(join(world.root, ".git"), "utf8");
    const { text } = await world.run(
      `git status --short && echo readable; ${plant("evil")}; rm -f .git; mv -f .git old; mv -f evil .git; echo 'gitdir: evil' >.git; for at in ${main}/config ${main}/worktrees/repo/config.worktree ${main}/worktrees/repo/commondir ${main}/hooks/post-checkout; do echo x >>$at; done`,
    );
    expect(text).toContain("readable");
    expect(readFileSync(join(world.root, ".git"), "utf8")).toBe(pointer);
    expect(readFileSync(join(main, "config"), "utf8")).toBe(before);
    expect(ran(world, join(world.base, "main"))).toBe(false);
    await world.close();
  });

  it("stay as they are in submodules and in worktrees inside the repository", async () => {
    open((root, base) => {
      repository(join(base, "library"));
      repository(root);
      git(root, "submodule", "--quiet", "add", join(base, "library"), "deep/sub");
      git(root, "commit", "-qm", "submodule");
      git(root, "worktree", "add", "-q", "trees/one");
    });
    const pointers = ["deep/sub/.git", "trees/one/.git"].map((name) => readFileSync(join(world.root, name), "utf8"));
    await world.run(`
      (cd deep/sub && git status) ; echo change >>deep/sub/a.txt
      for at in deep/sub trees/one; do ${plant("evil")}; rm -f $at/.git; mv -f $at/.git $at/x; mv -f $at $at-moved; mv -f deep deep-moved; mv -f trees trees-moved; mkdir -p $at; mv -f evil $at/.git; echo 'gitdir: ../../evil' >$at/.git; done
      echo x >>.git/modules/deep/sub/config; true`);
    expect(readFileSync(join(world.root, "deep/sub/a.txt"), "utf8")).toBe("a\nchange\n");
    expect(["deep/sub/.git", "trees/one/.git"].map((name) => readFileSync(join(world.root, name), "utf8"))).toEqual(pointers);
    expect(ran(world, join(world.root, "deep/sub"), join(world.root, "trees/one"))).toBe(false);
    await world.close();
  });

  it("stay as they are above a subfolder", async () => {
    open((root, base) => {
      repository(join(base, "whole"));
      mkdirSync(root, { recursive: true });
    }, "whole/part");
    await world.run(`${plant("../.git")}; echo x >>../.git/config; ${plant(".git")}`);
    expect(readFileSync(join(world.base, "whole/.git/config"), "utf8")).not.toContain("x\n");
    expect(ran(world, join(world.base, "whole"))).toBe(false);
    expect(readdirSync(world.root)).toEqual([]);
    await world.close();
  });
});

describe("git paths", () => {
  let world: World;
  beforeAll(() => {
    world = makeWorld({ user: users[0] as (typeof users)[number] });
  });
  afterAll(() => world.close());

  it.each([2, 3, 4])("finds submodules in an index of version %i", (version) => {
    const root = join(world.base, `v${version}`);
    repository(root);
    for (let file = 0; file < 40; file++) writeFileSync(join(root, `file-${"x".repeat(file)}`), `${file}`);
    git(root, "add", ".");
    const hash = git(root, "rev-parse", "HEAD").trim();
    for (const name of ["sub/one", "sub/ünï two", "z"]) git(root, "update-index", "--add", "--cacheinfo", `160000,${hash},${name}`);
    writeFileSync(join(root, "wanted"), "");
    if (version === 3) git(root, "add", "--intent-to-add", "wanted"); // needs the longer entries of version 3
    git(root, "update-index", "--index-version", String(version));
    expect(gitlinksOf(readFileSync(join(root, ".git/index")))).toEqual(["sub/one", "sub/ünï two", "z"]);
  });
  it("survives nonsense", () => {
    expect(gitlinksOf(Buffer.from("DIRC\0\0\0\x02\0\0\xff\xffnonsense"))).toEqual([]);
    const root = join(world.base, "odd");
    mkdirSync(root);
    writeFileSync(join(root, ".git"), "gitdir: ./nowhere\n");
    expect(gitPaths(root)).toContain(join(root, ".git"));
    expect(lstatSync(join(root, ".git")).isFile()).toBe(true);
  });
});

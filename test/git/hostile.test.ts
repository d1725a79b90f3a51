// A repository whose configuration tries to run programs through git: each way is planted, git itself proves it works, Aura's calls run none.
import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Git } from "../../src/git/git.ts";
import { openGit } from "../../src/git/open.ts";
import { at, folder, type Repo, repo } from "./repo.ts";

const signal = new AbortController().signal;
const open = (root: string): Git => openGit({ root, env: { ...process.env, HOME: root }, runHook: async () => ({ ok: true, text: "" }) });

/** Everything Aura asks of git. */
async function everything({ root, write }: Repo): Promise<void> {
  const git = open(root);
  await git.line(signal);
  await git.status(signal);
  await git.diff({}, signal);
  await git.diff({ staged: true, base: "HEAD" }, signal);
  await git.log({ count: 5 }, signal);
  write("plain.md", `${Math.random()}\n`);
  await git.commit({ message: "Try", paths: ["plain.md"] }, signal);
  write("plain.md", `${Math.random()}\n`);
  await git.commit({ message: "Try all" }, signal);
}
/** What an ordinary git does with the same repository: shows that the plant is alive. */
function ordinary({ root }: Repo, ...args: string[]): void {
  try {
    execFileSync("git", args, { cwd: root, stdio: "ignore", env: { PATH: process.env.PATH, HOME: root } });
  } catch {
    // it may well fail: only whether the plant ran counts
  }
}

const plants: Record<string, { plant(repo: Repo, run: string): void; wakes: string[] }> = {
  fsmonitor: { plant: ({ git }, run) => void git("config", "core.fsmonitor", run), wakes: ["status"] },
  "clean filter": {
    plant({ git, write }, run) {
      git("config", "filter.x.clean", `${run}; cat`);
      git("config", "filter.x.required", "true");
      write(".gitattributes", "*.txt filter=x\n");
    },
    wakes: ["add", "a.txt"],
  },
  "filter process with an odd name": {
    plant({ git, write }, run) {
      git("config", "filter.a=b.process", run);
      write(".gitattributes", "*.txt filter=a=b\n");
    },
    wakes: ["add", "a.txt"],
  },
  textconv: {
    plant({ git, write }, run) {
      git("config", "diff.x.textconv", run);
      write(".gitattributes", "*.txt diff=x\n");
    },
    wakes: ["diff"],
  },
  "diff driver": {
    plant({ git, write }, run) {
      git("config", "diff.x.command", run);
      write(".gitattributes", "*.txt diff=x\n");
    },
    wakes: ["diff"],
  },
  "external diff": { plant: ({ git }, run) => void git("config", "diff.external", run), wakes: ["diff"] },
  hooks: {
    plant({ root, script }, run) {
      for (const name of ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "reference-transaction", "post-index-change"]) script(`.git/hooks/${name}`, run);
      expect(existsSync(join(root, ".git/hooks/pre-commit"))).toBe(true);
    },
    wakes: ["commit", "-qam", "x"],
  },
  "hooks path in the tree": {
    plant({ git, script }, run) {
      script("tools/hooks/post-index-change", run);
      git("config", "core.hooksPath", "tools/hooks");
    },
    wakes: ["add", "a.txt"],
  },
  "signature program": {
    plant({ git, script, root }, run) {
      script("gpg.sh", `${run}; printf '[GNUPG:] SIG_CREATED \\n' >&2; echo -----BEGIN PGP SIGNATURE-----`);
      git("config", "gpg.program", join(root, "gpg.sh"));
      git("config", "commit.gpgSign", "true");
      git("config", "log.showSignature", "true");
    },
    wakes: ["commit", "-qam", "x"],
  },
  "an included file": {
    plant({ git, write }, run) {
      write("settings", `[core]\n\tfsmonitor = ${run}\n[filter "inc"]\n\tclean = ${run}\n`);
      write(".gitattributes", "*.txt filter=inc\n");
      git("config", "include.path", "../settings");
    },
    wakes: ["status"],
  },
  "settings of the work tree": {
    plant({ git }, run) {
      git("config", "extensions.worktreeConfig", "true");
      git("config", "--worktree", "core.fsmonitor", run);
    },
    wakes: ["status"],
  },
  pager: { plant: ({ git }, run) => void git("config", "core.pager", run), wakes: ["--paginate", "log"] },
  alias: { plant: ({ git }, run) => void git("config", "alias.st", `!${run}`), wakes: ["st"] },
};

describe("a hostile repository", () => {
  for (const [name, { plant, wakes }] of Object.entries(plants)) {
    it(`runs nothing: ${name}`, async () => {
      const made = repo();
      const marker = join(folder(), "ran");
      plant(made, `touch ${marker}`);
      made.write("a.txt", "changed, and longer\n");
      await everything(made);
      expect(existsSync(marker)).toBe(false);
      made.write("a.txt", "changed once more\n");
      ordinary(made, ...wakes);
      if (name !== "pager") expect(existsSync(marker), "the plant itself must be alive").toBe(true);
    });
  }

  it("runs nothing in a submodule's settings", async () => {
    const inner = repo();
    const outer = repo();
    const marker = join(folder(), "ran");
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.root, "mod");
    outer.git("commit", "-qm", "module");
    const mod = at(join(outer.root, "mod"));
    mod.git("config", "filter.x.clean", `touch ${marker}; cat`);
    mod.git("config", "core.fsmonitor", `touch ${marker}`);
    mod.write(".gitattributes", "* filter=x\n");
    mod.write("a.txt", "longer than before\n");
    outer.git("config", "diff.submodule", "log");
    outer.git("config", "status.submoduleSummary", "true");
    await everything(outer);
    expect(existsSync(marker)).toBe(false);
    ordinary(outer, "status");
    expect(existsSync(marker)).toBe(true);
  });

  it("fetches nothing for a partial clone", async () => {
    const origin = repo({ "a.txt": "one\n", "b.txt": "b\n" });
    origin.git("config", "uploadpack.allowFilter", "true");
    origin.git("config", "uploadpack.allowAnySHA1InWant", "true");
    const marker = join(folder(), "ran");
    const clone = at(join(folder(), "clone"));
    origin.git("clone", "-q", "--no-checkout", "--filter=blob:none", `file://${origin.root}`, clone.root);
    const pack = `touch ${marker}; git-upload-pack`;
    clone.git("config", "remote.origin.uploadpack", pack);
    clone.write("a.txt", "other\n");
    const diff = await open(clone.root).diff({ base: "HEAD" }, signal);
    expect(diff.ok).toBe(false);
    expect(existsSync(marker)).toBe(false);
    ordinary(clone, "diff", "HEAD");
    expect(existsSync(marker)).toBe(true);
  });

  it("does not look at another folder than the repository's", async () => {
    const made = repo();
    const other = folder();
    at(other).write("private.txt", "private\n");
    made.git("config", "core.worktree", other);
    expect((await open(made.root).status(signal)).text).toBe("## main");
    rmSync(other, { recursive: true, force: true });
  });
});

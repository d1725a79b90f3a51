// The tools' door to the disk: tolerant spelling, real places, the policy table, and symlink races tried for real.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryPolicy } from "../../src/sandbox/policy.ts";
import { openFiles } from "../../src/tools/files.ts";
import { distance } from "../../src/tools/nearest.ts";
import type { Draft } from "../../src/tools/tool.ts";
import { place } from "./hands.ts";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
function draft(root: string, path: string, before: string | null, after: string | null): Draft {
  return {
    realPath: join(root, path),
    before: before === null ? null : Buffer.from(before),
    after: after === null ? null : Buffer.from(after),
    change: { path, before: before === null ? null : hash(before), after: after === null ? null : hash(after), added: 0, removed: 0, hunks: [] },
  };
}
const open = (root: string) => openFiles({ policy: repositoryPolicy(root), root });
const fails = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "did not fail",
    (error: Error) => `${error.name}: ${error.message}`,
  );

describe("locate", () => {
  it("takes every way a model writes a path", async () => {
    const { root } = place({ "src/cart.ts": "x", "my file.txt": "y" });
    const files = open(root);
    const ways = [
      "src/cart.ts",
      "./src/cart.ts",
      `${root}/src/cart.ts`,
      " src/cart.ts ",
      '"src/cart.ts"',
      "`src/cart.ts`",
      "src\\cart.ts",
      `file://${root}/src/cart.ts`,
      "/src/cart.ts",
      "src//cart.ts",
      "src/../src/cart.ts",
      "src/cart.ts:12",
    ];
    for (const way of ways) expect(await files.locate(way), way).toMatchObject({ realPath: join(root, "src/cart.ts"), shown: "src/cart.ts", access: "write", exists: true });
    expect(await files.locate("my\\ file.txt")).toMatchObject({ shown: "my file.txt", exists: true });
    expect(await files.locate("'src\\new.ts'")).toMatchObject({ shown: "src/new.ts", exists: false, access: "write" });
    expect(await files.locate("/src/new.ts")).toMatchObject({ shown: "src/new.ts", exists: false });
    expect(await files.locate(".")).toMatchObject({ shown: ".", access: "write" });
    expect(await files.locate("../elsewhere")).toMatchObject({ access: "outside" });
    expect(await files.locate("~")).toMatchObject({ access: "outside" });
    expect(await fails(files.locate("a\0b"))).toMatch(/NUL/);
  });

  it("keeps names that really have odd characters", async () => {
    const { root } = place({ "a\\b.txt": "1", " b ": "2", '"q"': "3", "c:12": "4" });
    const files = open(root);
    for (const name of ["a\\b.txt", " b ", '"q"', "c:12"]) expect((await files.locate(name)).realPath).toBe(join(root, name));
  });

  it("judges the real place: links out, dangling links, links into .git", async () => {
    const { root } = place({ "a.txt": "x", ".git/config": "[core]" });
    const out = place({ "secret.txt": "s" });
    symlinkSync(out.root, join(root, "link"));
    symlinkSync(join(out.root, "none"), join(root, "dangling"));
    symlinkSync(".git", join(root, "meta"));
    symlinkSync("loop", join(root, "loop"));
    const files = open(root);
    expect(await files.locate("link/secret.txt")).toMatchObject({ access: "outside", realPath: join(out.root, "secret.txt") });
    expect(await files.locate("link/new/deep.txt")).toMatchObject({ access: "outside" });
    expect(await files.locate("dangling")).toMatchObject({ access: "outside", exists: false });
    expect(await files.locate("meta/config")).toMatchObject({ access: "read" });
    expect(await files.locate(".git/hooks/pre-commit")).toMatchObject({ access: "read" });
    expect(await fails(files.locate("loop"))).toMatch(/symbolic links/);
    expect(await fails(files.locate("a.txt/b"))).toMatch(/is a file, not a folder/);
    expect(await files.locate(`${"d/".repeat(60)}x`)).toMatchObject({ exists: false, access: "write" });
  });

  it("hides what the table hides", async () => {
    const { root } = place({ "secrets/key": "k" });
    const policy = repositoryPolicy(root);
    policy.rules.push({ path: join(root, "secrets"), access: "hidden", why: "hidden by the config" });
    const files = openFiles({ policy, root });
    expect(await fails(files.locate("secrets/key"))).toBe("ToolError: secrets/key may not be read: hidden by the config");
    expect(await files.list(".")).toEqual([]);
  });
});

describe("read and list", () => {
  it("reads bytes, refuses what isn't a regular file, asks for outside", async () => {
    const { root } = place({ "a.bin": Buffer.from([0, 255, 1]), "sub/b": "b" });
    const out = place({ "o.txt": "out" });
    execFileSync("mkfifo", [join(root, "pipe")]);
    const server = createServer().listen(join(root, "sock"));
    const files = open(root);
    try {
      expect([...(await files.read("a.bin"))]).toEqual([0, 255, 1]);
      expect(await fails(files.read("pipe"))).toBe("ToolError: pipe is a named pipe, not a regular file");
      expect(await fails(files.read("sock"))).toBe("ToolError: sock is a socket, not a regular file");
      expect(await fails(files.read("/dev/zero", { allowOutside: true }))).toMatch(/a device/);
      expect(await fails(files.read("sub"))).toMatch(/sub is a folder/);
      expect(await fails(files.read("a.bin", { maxBytes: 2 }))).toMatch(/too large/);
      expect(await fails(files.read(join(out.root, "o.txt")))).toMatch(/outside the repository/);
      expect((await files.read(join(out.root, "o.txt"), { allowOutside: true })).toString()).toBe("out");
      expect(await files.list(".")).toEqual(["a.bin", "pipe", "sock", "sub/"]);
    } finally {
      server.close();
    }
  });

  it("names what is near to a name that doesn't exist", async () => {
    const { root } = place({ "src/cart.ts": "x", "src/price.ts": "x", "lib/deep/user.py": "x" });
    const files = open(root);
    expect(await fails(files.read("src/crat.ts"))).toBe("ToolError: src/crat.ts does not exist; nearest: src/cart.ts");
    expect(await fails(files.read("cart.ts"))).toBe("ToolError: cart.ts does not exist; nearest: src/cart.ts");
    expect(await fails(files.read("app/models/user.py"))).toBe("ToolError: app/models/user.py does not exist; nearest: lib/deep/user.py");
    expect(await fails(files.read("zzzzzzzz.md"))).toBe("ToolError: zzzzzzzz.md does not exist");
    expect(distance("kitten", "sitting")).toBe(3);
  });
});

describe("apply", () => {
  it("writes, creates with parents, removes; keeps the mode; follows a link to its file", async () => {
    const { root, read } = place({ "run.sh": "old", "gone.txt": "bye", "real.txt": "one" });
    chmodSync(join(root, "run.sh"), 0o751);
    const files = open(root);
    await files.apply([draft(root, "run.sh", "old", "new"), draft(root, "a/b/c.txt", null, "fresh"), draft(root, "gone.txt", "bye", null)]);
    expect(read("run.sh")).toBe("new");
    expect(statSync(join(root, "run.sh")).mode & 0o777).toBe(0o751);
    expect(read("a/b/c.txt")).toBe("fresh");
    expect(existsSync(join(root, "gone.txt"))).toBe(false);
    symlinkSync("real.txt", join(root, "alias"));
    const { realPath } = await files.locate("alias");
    await files.apply([{ ...draft(root, "real.txt", "one", "two"), realPath }]);
    expect(read("real.txt")).toBe("two");
    expect(readdirSync(root).sort()).toEqual(["a", "alias", "real.txt", "run.sh"]);
  });

  it("is all or nothing", async () => {
    const { root, read } = place({ "one.txt": "1", "two.txt": "2" });
    const files = open(root);
    expect(await fails(files.apply([draft(root, "one.txt", "1", "11"), draft(root, "new/three.txt", null, "3"), draft(root, "two.txt", "other", "22")]))).toBe(
      "ToolError: two.txt changed on disk since it was read: read it again",
    );
    expect(await fails(files.apply([draft(root, "one.txt", null, "x")]))).toMatch(/exists by now/);
    expect(await fails(files.apply([draft(root, "nope.txt", "x", "y")]))).toMatch(/was removed/);
    expect(await fails(files.apply([draft(root, "one.txt", "1", "a"), draft(root, "one.txt", "1", "b")]))).toMatch(/twice/);
    expect(read("one.txt")).toBe("1");
    expect(readdirSync(root).sort()).toEqual(["one.txt", "two.txt"]);
  });

  it("puts back what it had written when a later one can't be", async () => {
    const { root, read } = place({ "a.txt": "a", "d/b.txt": "b" });
    linkSync(join(root, "a.txt"), join(root, "a-too.txt"));
    mkdirSync(join(root, "d/taken"));
    const files = open(root);
    const second = draft(root, "d/b.txt", "b", "B");
    // the second file's bytes change after everything was prepared: seen right before it is swapped in
    let reads = 0;
    Object.defineProperty(second.change, "before", { get: () => (++reads > 1 ? "other" : hash("b")) });
    expect(await fails(files.apply([draft(root, "a.txt", "a", "A"), draft(root, "n/new.txt", null, "N"), second]))).toMatch(/changed on disk/);
    expect(read("a.txt")).toBe("a");
    expect(existsSync(join(root, "n"))).toBe(false);
    expect(readdirSync(join(root, "d")).sort()).toEqual(["b.txt", "taken"]);
  });

  it("refuses git's folder, Aura's, and outside without a yes", async () => {
    const { root } = place({ ".git/config": "c" });
    const out = place();
    const files = open(root);
    expect(await fails(files.apply([draft(root, ".git/config", "c", "evil")]))).toMatch(/only through the git tool/);
    expect(await fails(files.apply([draft(root, ".aura/config.json", null, "{}")]))).toMatch(/Aura's own/);
    expect(await fails(files.apply([draft(out.root, "x.txt", null, "x")]))).toMatch(/outside/);
    await files.apply([draft(out.root, "x.txt", null, "x")], { allowOutside: true });
    expect(readFileSync(join(out.root, "x.txt"), "utf8")).toBe("x");
    symlinkSync(out.root, join(root, "link"));
    expect(await fails(files.apply([draft(root, "link/y.txt", null, "y")]))).toMatch(/leads somewhere else/);
  });
});

describe("a folder swapped for a link while it is used", () => {
  const swapper = `import os, sys, time
root, out = sys.argv[1], sys.argv[2]
end = time.time() + float(sys.argv[3])
while time.time() < end:
    try:
        os.rename(root + "/d", root + "/d.real"); os.symlink(out, root + "/d")
        os.unlink(root + "/d"); os.rename(root + "/d.real", root + "/d")
    except OSError:
        pass
`;
  it.skipIf(process.platform !== "linux")("never reads or writes through it", async () => {
    const { root } = place({ "d/a.txt": "inside", "d/deep/b.txt": "inside" });
    const out = place({ "a.txt": "SECRET", "deep/b.txt": "SECRET" });
    writeFileSync(join(out.root, "swap.py"), swapper);
    const child = spawn("python3", [join(out.root, "swap.py"), root, out.root, "2.5"], { stdio: "ignore" });
    const files = open(root);
    const until = Date.now() + 2200;
    const seen = { read: 0, wrote: 0, refused: 0 };
    for (let turn = 0; Date.now() < until; turn++) {
      try {
        expect((await files.read("d/a.txt")).toString()).toBe("inside");
        seen.read++;
        expect((await files.read("d/deep/b.txt")).toString()).toBe("inside");
      } catch (error) {
        if ((error as Error).name !== "ToolError") throw error;
        seen.refused++;
      }
      try {
        await files.apply([draft(root, `d/new${turn}.txt`, null, "n"), draft(root, `d/n${turn}/x.txt`, null, "n")]);
        seen.wrote++;
      } catch (error) {
        if ((error as Error).name !== "ToolError") throw error;
        seen.refused++;
      }
    }
    await new Promise((done) => child.on("close", done));
    expect(readdirSync(out.root).sort()).toEqual(["a.txt", "deep", "swap.py"]);
    expect(seen.refused).toBeGreaterThan(0);
    expect(seen.read + seen.wrote).toBeGreaterThan(0);
  });
});

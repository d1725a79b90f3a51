// Commands that should work inside do: terminals, exit codes, output, jobs, builds without a network; on each level, and without any.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JobLine, SandboxLevel } from "../../src/core/events.ts";
import { makeWorld, tool, users, type World, workingLevels } from "./world.ts";

const boxes: { user: (typeof users)[number]; level: SandboxLevel; name: string }[] = [];
for (const user of users) for (const level of [...(await workingLevels(user)), "none" as const]) boxes.push({ user, level, name: `${level} as ${user.name}` });

describe.each(boxes)("a command in $name", ({ user, level }) => {
  let world: World;
  beforeAll(() => {
    world = makeWorld({ user, level, node: true, place: "my prøject 'x'", fill: (root) => mkdirSync(join(root, "sub folder/deep"), { recursive: true }) });
  });
  afterAll(() => world.close());

  it("has the right exit code and all of its output", async () => {
    for (const [command, exit] of [
      ["true", 0],
      ["exit 7", 7],
      ["kill -9 $$", 137],
      ["kill -TERM $$", 143],
      ["no-such-program", 127],
      ["false | true", 0],
    ] as const)
      expect(await world.run(command), command).toMatchObject({ exit, level, timedOut: false });
    const { text } = await world.run("seq 1 5000");
    expect(text.trim().split("\n")).toHaveLength(5000);
    expect((await world.run("printf 'no newline at the end'; exit 3")).text).toBe("no newline at the end");
  });
  it("runs where it should, also in a folder with spaces, and writes there", async () => {
    const { text } = await world.run("pwd; echo yes >'written here'", { cwd: join(world.root, "sub folder/deep") });
    expect(text).toBe(`${join(world.root, "sub folder/deep")}\n`);
    expect(readFileSync(join(world.root, "sub folder/deep/written here"), "utf8")).toBe("yes\n");
    await expect(world.run("pwd", { cwd: join(world.root, "nowhere") })).rejects.toThrow(/nowhere does not exist/);
  });
  it("is on a terminal, gets keys and answers", async () => {
    expect((await world.run("test -t 0 && test -t 1 && test -t 2 && stty size && echo $TERM $NO_COLOR $PAGER")).text).toBe("40 120\nxterm-256color 1 cat\n");
    expect((await world.run('read -p "name? " name; echo "hello $name"', { keys: { after: "name?", send: "Ada\r" } })).text).toContain("hello Ada");
    expect((await world.run(`trap 'echo caught; exit 4' INT; echo ready; while :; do sleep 0.1; done`, { keys: { after: "ready", send: "\x03" } })).exit).toBe(4);
  });
  it("keeps characters whole and resolves what was overwritten", async () => {
    const { text } = await world.run(
      `for i in $(seq 300); do printf 'ä€😀'; done; echo; printf 'one\\rtwo\\n'; printf '10%%\\r100%%\\n'; printf '\\033[31mred\\033[0m\\n'; printf '\\342\\202'; sleep 0.1; printf '\\254\\n'`,
    );
    expect(text).toBe(`${"ä€😀".repeat(300)}\ntwo\n100%\nred\n€\n`);
  });
  it("shows the screen of a program that draws", async () => {
    const drawing = `printf '\\033[?1049h\\033[2J\\033[5;10HMENU\\033[7;12Hitem'; sleep 0.4; printf '\\033[?1049l'; echo left`;
    const { text, screens } = await world.run(drawing);
    expect(text.trim()).toBe("left");
    expect(screens.flat().join("\n")).toMatch(/MENU|left/);
    expect((await world.run("echo plain; sleep 0.3", { screen: true })).screens.flat()).toContain("plain");
    expect((await world.run(`printf '\\033[?1049h\\033[2J\\033[5;10HMENU'; sleep 20`, { timeoutMs: 700 })).text).toContain("MENU");
  });
  it("says when it waited for an answer nobody gave", async () => {
    const { killed, timedOut } = await world.run("read -p 'sure? ' answer", { timeoutMs: 2000 });
    expect(timedOut).toBe(true);
    if (process.arch === "x64" || process.arch === "arm64") expect(killed).toMatch(/waiting for input/);
  });
  it("can be left running, is reached by the next one, read and stopped", async () => {
    const server = `const s=require("http").createServer((q,r)=>{console.log("asked "+q.url);r.end("pong")}).listen(0,"127.0.0.1",()=>{require("fs").writeFileSync("port",""+s.address().port);console.log("listening")})`;
    const started = await world.run(`${world.node} -e '${server}'`, { settleMs: 1000 });
    expect(started).toMatchObject({ exit: null, timedOut: false });
    const job = started.job ?? "";
    await expect.poll(() => existsSync(join(world.root, "port")), { timeout: 20_000 }).toBe(true);
    expect((await world.run(`${world.node} -e 'fetch("http://127.0.0.1:"+require("fs").readFileSync("port")).then(r=>r.text()).then(console.log)'`)).text).toBe("pong\n");
    expect(await world.tell<{ text: string; exit: number | null }>({ do: "read", job })).toEqual({ text: "listening\nasked /\n", exit: null });
    expect(await world.tell<JobLine[]>({ do: "jobs" })).toMatchObject([{ job, exit: null }]);
    expect(await world.tell({ do: "stop", job })).toBe(true);
    expect(await world.tell({ do: "stop", job })).toBe(false);
    expect(await world.tell({ do: "read", job: "nope" })).toBeNull();
    expect((await world.run("echo quick; exit 3", { settleMs: 5000 })).exit).toBe(3);
  });
  it("takes a name, a path or a program as it is, not as an option or a script of ours", async () => {
    expect((await world.run(`echo '$(id) "quoted" \\'; echo "it's"`)).text).toBe(`$(id) "quoted" \\\nit's\n`);
    expect((await world.run("-x")).exit).toBe(127);
  });
});

const confined = boxes.filter(({ level }) => level !== "none");
describe.each(confined)("places of $name", ({ user, level }) => {
  it.each(["tmp", "home/project"])("a repository under %s is itself inside", async (place) => {
    const world = makeWorld({ user, level, place, fill: (root) => writeFileSync(join(root, "here.txt"), "here\n") });
    const { text } = await world.run('cat here.txt; echo new >made.txt; echo t >/tmp/t && echo c >~/.cache/kept && [ -z "$SSH_AUTH_SOCK$AWS_SECRET_ACCESS_KEY" ] && echo clean');
    expect(text).toBe("here\nclean\n");
    expect(readFileSync(join(world.root, "made.txt"), "utf8")).toBe("new\n");
    expect(readdirSync(world.home)).not.toContain(".cache");
    expect((await world.run("cat ~/.cache/kept; ls /tmp/t")).text).toMatch(/^c\n.*No such file/s);
    await world.close();
  });
  it("runs outside only when told so for this one command", async () => {
    const world = makeWorld({ user, level });
    const { level: at } = await world.run(`echo out >${world.outside}/out; exit 2`, { outside: true });
    expect(at).toBe("outside");
    expect(readFileSync(join(world.outside, "out"), "utf8")).toBe("out\n");
    await world.run(`rm -f ${world.outside}/out`);
    expect(existsSync(join(world.outside, "out"))).toBe(true);
    await world.close();
  });
});

const goHere = tool("go");
const cargoHere = tool("cargo");
describe.each(confined)("builds in $name", ({ user, level }) => {
  const env: Record<string, string> = {};
  // A toolchain of this very machine's home, which the test's home replaces.
  for (const name of ["RUSTUP_HOME", "PYENV_ROOT"]) if (process.env[name]) env[name] = process.env[name] as string;
  const works = (command: string): boolean =>
    spawnSync("sh", ["-c", command], user.uid === process.getuid?.() ? {} : { uid: user.uid, gid: user.gid, env: { ...process.env, HOME: "/nonexistent" } }).status === 0;

  it.runIf(goHere && level === "bwrap")(
    "go builds with what was downloaded before, and keeps its cache",
    async () => {
      if (!works("go version && python3 --version")) return console.warn(`go or python3 does not work for ${user.name}`);
      const world = makeWorld({
        user,
        level,
        env,
        fill(root, base) {
          writeFileSync(join(root, "go.mod"), "module example.test/a\n\ngo 1.18\n\nrequire example.test/lib v1.0.0\n");
          writeFileSync(join(root, "a.go"), 'package main\n\nimport "example.test/lib"\n\nfunc main() { println(lib.Two()) }\n');
          const downloads = join(base, "home/go/pkg/mod/cache/download/example.test/lib/@v");
          mkdirSync(downloads, { recursive: true });
          writeFileSync(join(downloads, "list"), "v1.0.0\n");
          writeFileSync(join(downloads, "v1.0.0.info"), '{"Version":"v1.0.0","Time":"2026-01-01T00:00:00Z"}');
          writeFileSync(join(downloads, "v1.0.0.mod"), "module example.test/lib\n");
          const zip = `import zipfile,sys\nz=zipfile.ZipFile(sys.argv[1],"w")\nz.writestr("example.test/lib@v1.0.0/go.mod","module example.test/lib\\n")\nz.writestr("example.test/lib@v1.0.0/lib.go","package lib\\n\\nfunc Two() int { return 2 }\\n")\nz.close()`;
          spawnSync("python3", ["-c", zip, join(downloads, "v1.0.0.zip")]);
        },
      });
      const { exit, text } = await world.run("GOFLAGS=-mod=mod go run . && ls -d ~/.cache/go-mod/example.test/*", { timeoutMs: 120_000 });
      expect(text).toMatch(/^2\n.*lib@v1\.0\.0/ms);
      expect(exit).toBe(0);
      await world.close();
    },
    130_000,
  );
  it.runIf(cargoHere && user === users[0])(
    "cargo builds and runs",
    async () => {
      const home = process.env.HOME ?? "";
      if (!works("cargo --version") || !existsSync(join(home, ".rustup"))) return console.warn(`cargo does not work for ${user.name}`);
      const world = makeWorld({
        user,
        level,
        env: { ...env, RUSTUP_HOME: join(home, ".rustup") },
        fill(root) {
          mkdirSync(join(root, "src"));
          writeFileSync(join(root, "Cargo.toml"), '[package]\nname = "a"\nversion = "0.1.0"\nedition = "2021"\n');
          writeFileSync(join(root, "src/main.rs"), 'fn main() {\n    println!("built");\n}\n');
        },
        needs: { env: { PATH: process.env.PATH ?? "", HOME: home } },
      });
      const { exit, text } = await world.run("cargo run -q", { timeoutMs: 120_000 });
      expect(text).toBe("built\n");
      expect(exit).toBe(0);
      await world.close();
    },
    130_000,
  );
  it.runIf(tool("npm"))("npm runs scripts and installs what lies on the disk", async () => {
    const world = makeWorld({
      user,
      level,
      fill(root) {
        mkdirSync(join(root, "library"));
        writeFileSync(join(root, "library/package.json"), '{"name":"library","version":"1.0.0","main":"index.js"}');
        writeFileSync(join(root, "library/index.js"), "module.exports = 41 + 1");
        writeFileSync(
          join(root, "package.json"),
          '{"name":"a","version":"1.0.0","scripts":{"test":"node -e \\"console.log(require(\'library\'))\\""},"dependencies":{"library":"file:library"}}',
        );
      },
    });
    const { exit, text } = await world.run("npm install --offline >/dev/null && npm test");
    expect(text).toContain("42");
    expect(exit).toBe(0);
    await world.close();
  });
  it.runIf(tool("python3"))("python runs tests and leaves no bytecode behind", async () => {
    const world = makeWorld({
      user,
      level,
      fill(root) {
        writeFileSync(join(root, "two.py"), "def two():\n    return 2\n");
        writeFileSync(
          join(root, "test_two.py"),
          "import unittest\nfrom two import two\n\nclass T(unittest.TestCase):\n    def test_two(self):\n        self.assertEqual(two(), 2)\n",
        );
      },
    });
    const { exit, text } = await world.run("python3 -m unittest -v && ls");
    expect(text).toMatch(/OK/);
    expect(text).not.toContain("__pycache__");
    expect(exit).toBe(0);
    await world.close();
  });
});

it("says what is in force and why nothing better is", async () => {
  const user = users[0] as (typeof users)[number];
  const off = makeWorld({ user, needs: { off: true } });
  expect(await off.level()).toEqual({ level: "none", why: ["turned off by --sandbox off"] });
  await off.close();
  const none = makeWorld({ user, level: "none" });
  expect((await none.level()).level).toBe("none");
  await none.close();
  const [level] = await workingLevels(user);
  if (!level) return;
  const first = makeWorld({ user, level });
  expect((await first.level()).level).toBe(level);
  const remembered = JSON.parse(readFileSync(join(first.state, "cache", `sandbox-${level}.json`), "utf8")) as { level: string };
  expect(remembered.level).toBe(level);
  await first.close();
});

// The past of a real repository, with renames, odd names and big commits.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openGitText } from "../../src/git/text.ts";
import { readHistory } from "../../src/index/history.ts";

let root: string;
const git = (...args: string[]): void => void execFileSync("git", args, { cwd: root, env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null" }, stdio: "ignore" });
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const commit = (message: string): void => {
  git("add", "-A");
  git("-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-q", "--allow-empty", "-m", message);
};
const history = async (): Promise<string[]> => {
  const ask = openGitText(root, process.env);
  return (await readHistory((args) => ask(args, new AbortController().signal))).map(({ message, paths }) => `${message} | ${paths.replaceAll("\n", ", ")}`);
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "aura-history-"));
  git("init", "-q");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("tells commits newest first, with what they changed", async () => {
  write("a.ts", "1");
  write("grün und blau.ts", "1");
  commit("Add both\n\nWith a body.");
  write("a.ts", "2");
  commit("Change one");
  expect(await history()).toEqual(["Change one | a.ts", "Add both\n\nWith a body. | a.ts, grün und blau.ts"]);
});

it("follows renames to the name of today", async () => {
  write("old.ts", "one\ntwo\nthree\nfour\n");
  commit("Begin");
  renameSync(join(root, "old.ts"), join(root, "mid.ts"));
  commit("Rename");
  renameSync(join(root, "mid.ts"), join(root, "new.ts"));
  commit("Rename again");
  expect(await history()).toEqual(["Rename again | new.ts", "Rename | new.ts", "Begin | new.ts"]);
});

it("keeps a big commit's words, and none of its files", async () => {
  for (let at = 0; at < 60; at++) write(`f${at}.ts`, "1");
  commit("Format everything");
  expect(await history()).toEqual(["Format everything | "]);
});

it("has no past where there is no repository, or no commit", async () => {
  expect(await history()).toEqual([]);
  rmSync(join(root, ".git"), { recursive: true });
  expect(await history()).toEqual([]);
});

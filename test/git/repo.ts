// Real git repositories in temporary folders.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach } from "vitest";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});
export function folder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "aura-git-")));
  made.push(path);
  return path;
}
export interface Repo {
  root: string;
  git(...args: string[]): string;
  write(path: string, text: string): void;
  read(path: string): string;
  has(path: string): boolean;
  script(path: string, body: string): void;
}
export function at(root: string): Repo {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  return {
    root,
    git: (...args) =>
      execFileSync("git", args, {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        env: { PATH: process.env.PATH, HOME: root, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", GIT_ALLOW_PROTOCOL: "file" },
      }).trim(),
    write,
    read: (path) => readFileSync(join(root, path), "utf8"),
    has: (path) => existsSync(join(root, path)),
    script(path, body) {
      write(path, `#!/bin/sh\n${body}\n`);
      chmodSync(join(root, path), 0o755);
    },
  };
}
/** A repository with one commit of `files`, on branch main. */
export function repo(files: Record<string, string> = { "a.txt": "one\n" }): Repo {
  const made = at(folder());
  made.git("init", "-q", "-b", "main");
  made.git("config", "user.name", "Test");
  made.git("config", "user.email", "test@example.invalid");
  for (const [path, text] of Object.entries(files)) made.write(path, text);
  made.git("add", "-A");
  if (Object.keys(files).length > 0) made.git("commit", "-q", "-m", "start");
  return made;
}

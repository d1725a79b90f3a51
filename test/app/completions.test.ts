// The completion scripts in the shells themselves, where they are installed.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Shell } from "../../src/app/args.ts";
import { renderCompletions } from "../../src/app/completions.ts";

const folder = mkdtempSync(join(tmpdir(), "aura-completions-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const keys = ["model", "policy", "limits.maxTurns"];
const scriptOf = (shell: Shell): string => {
  const file = join(folder, `aura.${shell}`);
  writeFileSync(file, renderCompletions(shell, keys));
  return file;
};
/** A stand-in on the PATH that lists two sessions. */
writeFileSync(join(folder, "aura"), `#!/bin/sh\necho '[{"session":"20261122-1","root":"/x"},{"session":"20261122-2","root":"/y"}]'\n`, { mode: 0o755 });
const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, HOME: folder };
const has = (shell: string): boolean => {
  const there = spawnSync(shell, ["-c", "exit 0"]).status === 0;
  if (!there) console.warn(`${shell} is not installed: its completions are not tried`);
  return there;
};

/** What typing `words` and then Tab offers, sorted. */
const askers: Record<Shell, (words: string[]) => string[]> = {
  bash: (words) => {
    const line = words.map((word) => `'${word}'`).join(" ");
    const script = `source '${scriptOf("bash")}'; COMP_WORDS=(aura ${line}); COMP_CWORD=${words.length}; _aura 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["--norc", "-c", script], { encoding: "utf8", env }).split("\n").filter(Boolean).sort();
  },
  fish: (words) => {
    const script = `source '${scriptOf("fish")}'; complete -C 'aura ${words.join(" ")}'`;
    return execFileSync("fish", ["--no-config", "-c", script], { encoding: "utf8", env })
      .split("\n")
      .map((line) => line.split("\t")[0] ?? "")
      .filter(Boolean)
      .sort();
  },
  zsh: () => [],
};

for (const shell of ["bash", "fish"] as const) {
  describe.runIf(has(shell))(shell, () => {
    const offers = askers[shell];
    it("offers commands, their words and keys", () => {
      expect(offers(["se"])).toEqual(["search", "sessions"]);
      expect(offers(["--model", "ollama/x", "mod"])).toEqual(["models"]);
      expect(offers(["daemon", ""])).toEqual(["start", "status", "stop"]);
      expect(offers(["config", ""])).toEqual(["edit", "get", "set"]);
      expect(offers(["config", "get", ""])).toEqual([...keys].sort());
      expect(offers(["resume", ""])).toEqual(["20261122-1", "20261122-2"]);
    });
    it("offers the flags a command takes, and their values", () => {
      expect(offers(["undo", "--t"])).toEqual(["--to"]);
      expect(offers(["sessions", "--p"])).toEqual([]);
      expect(offers(["--cont"])).toEqual(["--continue"]);
      expect(offers(["--policy", "r"])).toEqual(["read-only"]);
      expect(offers(["--sandbox", ""])).toEqual(["off"]);
    });
  });
}

describe.runIf(has("zsh"))("zsh", () => {
  it("is a script zsh can read, and registers itself", () => {
    const script = `autoload -Uz compinit && compinit -u -D; source '${scriptOf("zsh")}'; print -r -- $_comps[aura]; _aura_sessions 2>/dev/null; functions _aura | wc -l`;
    const out = execFileSync("zsh", ["-f", "-c", script], { encoding: "utf8", env });
    expect(out.split("\n")[0]).toBe("_aura");
    expect(execFileSync("zsh", ["-n", scriptOf("zsh")], { encoding: "utf8", env })).toBe("");
  });
});

it("reads in every shell's quoting: no raw quotes from the rows", () => {
  for (const shell of ["bash", "zsh", "fish"] as const) expect(renderCompletions(shell, keys)).not.toContain("undefined");
});

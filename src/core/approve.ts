// Who is asked for what: the three policies as data. Pure; the caller asks, remembers and forbids.
import type { PolicyName } from "./events.ts";

/** What a call may do. `outside`: it leaves the repository or the sandbox. `key`: what "always" would remember, null = never. */
export type Risk =
  | { kind: "read"; outside: boolean }
  | { kind: "write"; outside: boolean; protected: boolean }
  | { kind: "run"; command: string; outside: boolean; key: string | null }
  | { kind: "commit" }
  | { kind: "plan" };
export type Verdict = { is: "allow" } | { is: "ask"; why: string } | { is: "forbid"; why: string };

const allow: Verdict = { is: "allow" };
type Row = Record<"read" | "readOutside" | "write" | "writeOutside" | "writeProtected" | "run" | "runOutside" | "commit", Verdict>;
const forbid = (why: string): Verdict => ({ is: "forbid", why });
const ask = (why: string): Verdict => ({ is: "ask", why });
/** One row per policy; the words end up in front of the person or the model. */
export const policies: Record<PolicyName, Row> = {
  ask: {
    read: allow,
    readOutside: ask("reads outside the repository"),
    write: ask("changes files"),
    writeOutside: ask("writes outside the repository"),
    writeProtected: forbid("is protected: git's and Aura's own folders are not edited by tools"),
    run: ask("runs a command in the sandbox"),
    runOutside: ask("runs OUTSIDE the sandbox, with your rights and the network"),
    commit: ask("commits"),
  },
  auto: {
    read: allow,
    readOutside: forbid("lies outside the repository, which policy auto does not allow"),
    write: allow,
    writeOutside: forbid("lies outside the repository, which policy auto does not allow"),
    writeProtected: forbid("is protected: git's and Aura's own folders are not edited by tools"),
    run: allow,
    runOutside: forbid("would run outside the sandbox, which policy auto does not allow"),
    commit: allow,
  },
  "read-only": {
    read: allow,
    readOutside: forbid("lies outside the repository, which policy read-only does not allow"),
    write: forbid("would change files, which policy read-only does not allow"),
    writeOutside: forbid("would change files, which policy read-only does not allow"),
    writeProtected: forbid("would change files, which policy read-only does not allow"),
    run: forbid("would run a command, which policy read-only does not allow"),
    runOutside: forbid("would run a command, which policy read-only does not allow"),
    commit: forbid("would commit, which policy read-only does not allow"),
  },
};

/** `remembered` holds the keys the person answered "always" to; `confined`: some sandbox level is in force. */
export function decide(policy: PolicyName, risk: Risk, state: { remembered: ReadonlySet<string>; confined: boolean; unconfinedByFlag: boolean }): Verdict {
  const row = policies[policy];
  switch (risk.kind) {
    case "plan":
      return allow;
    case "read":
      return risk.outside ? row.readOutside : row.read;
    case "write":
      return risk.protected ? row.writeProtected : risk.outside ? row.writeOutside : row.write;
    case "commit":
      return row.commit;
    case "run": {
      if (risk.outside) return row.runOutside;
      if (!state.confined && !state.unconfinedByFlag) {
        if (policy === "ask") return ask("runs UNCONFINED: no sandbox works on this machine");
        if (policy === "auto") return forbid("can't be confined on this machine, which policy auto demands");
      }
      if (row.run.is === "ask" && state.confined && risk.key !== null && state.remembered.has(risk.key)) return allow;
      return row.run;
    }
  }
}

const compound = /[;&|<>`$(){}\n\\*?[\]~#!]/;
const wrappers = new Set([
  "env",
  "sudo",
  "doas",
  "sh",
  "bash",
  "zsh",
  "dash",
  "xargs",
  "nohup",
  "time",
  "exec",
  "eval",
  "command",
  "nice",
  "timeout",
  "watch",
  "ssh",
  "find",
  "su",
  "busybox",
  "setsid",
  "stdbuf",
  "script",
]);
const twoWord = new Set([
  "npm",
  "npx",
  "pnpm",
  "yarn",
  "bun",
  "go",
  "cargo",
  "git",
  "pip",
  "python",
  "node",
  "perl",
  "ruby",
  "php",
  "lua",
  "java",
  "tsx",
  "bunx",
  "uvx",
  "deno",
  "make",
  "docker",
  "uv",
  "poetry",
  "bundle",
  "rake",
  "mvn",
  "gradle",
  "dotnet",
]);
/**
 * What "always" remembers for a command: its program and, where there is one, its sub-command (`npm test`, `python -m pytest`), never
 * across `&&`, `;`, `|`, substitution, redirects, assignments or quotes. null = can't be remembered.
 */
export function commandKey(command: string): string | null {
  const text = command.trim();
  if (text === "" || compound.test(text) || /["']/.test(text)) return null;
  const words = text.split(/[ \t]+/);
  const [program, second] = words as [string, string | undefined];
  // .venv/bin/python and python3.12 are python
  const name = program.slice(program.lastIndexOf("/") + 1).replace(/[\d.]+$/, "");
  if (/=/.test(program) || wrappers.has(name) || program.startsWith("-")) return null;
  if (!twoWord.has(name)) return program;
  if (second === undefined) return program;
  const third = words[2];
  if (name === "python" && second === "-m") return third && !third.startsWith("-") ? `${program} -m ${third}` : null;
  if (second.startsWith("-")) return null;
  if (second === "run" && ["npm", "pnpm", "yarn", "bun", "deno", "uv", "poetry"].includes(name)) return third && !third.startsWith("-") ? `${program} run ${third}` : null;
  return `${program} ${second}`;
}

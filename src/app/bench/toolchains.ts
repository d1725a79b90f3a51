// How each language of the bench is found, tested and read: commands that need no network and nothing installed beside the language itself.
import { dirname } from "node:path";
import { allowedEnv } from "../../sandbox/home.ts";
import type { Tongue } from "./task.ts";

export interface Toolchain {
  /** For people. */
  shown: string;
  /** Prints the version. */
  version: string;
  /** The least one that will do: [major, minor]. */
  least: [number, number];
  /** Runs the hidden tests of a task. */
  hidden: string;
  /** Runs all tests of the project, for tasks whose result is tests. */
  own: string;
  /** Test files of the model's own that would be run along with the hidden ones. */
  alongside: RegExp | null;
  /** The name of a failed test, in the first group. */
  failed: RegExp;
  /** What says that nothing could be run at all, in the first group. */
  broken: RegExp;
}

export const toolchains: Record<Tongue, Toolchain> = {
  python: {
    shown: "Python",
    version: "python3 --version",
    least: [3, 9],
    hidden: "python3 -m unittest -v hidden_test",
    own: "python3 -m unittest discover -v",
    alongside: null,
    failed: /^(?:FAIL|ERROR): (\w+)/gm,
    broken: /^(\w*(?:Error|Exception): .*)$/gm,
  },
  typescript: {
    shown: "Node",
    version: "node --version",
    least: [22, 18],
    hidden: "node --test --test-reporter=tap hidden.test.ts",
    own: "node --test --test-reporter=tap",
    alongside: null,
    failed: /^ *not ok \d+ - (.+)$/gm,
    broken: /^#? *(\w*Error(?: \[\w+\])?: .*)$/gm,
  },
  go: {
    shown: "Go",
    version: "go version",
    least: [1, 21],
    hidden: "go test -v ./...",
    own: "go test -v ./...",
    alongside: /_test\.go$/,
    failed: /^ *--- FAIL: (\S+)/gm,
    broken: /^(?:vet: )?(\S+\.go:\d+:\d+: .*|panic: .*)$/gm,
  },
  rust: {
    shown: "Rust",
    version: "cargo --version",
    least: [1, 73],
    hidden: "cargo test --offline --test hidden",
    own: "cargo test --offline",
    alongside: null,
    failed: /^test (\S+) \.\.\. FAILED$/gm,
    broken: /^(error(?:\[E\d+\])?: .*)$/gm,
  },
};

/** What commands get of the environment, with this very Node in front: the one on the PATH may be too old to read TypeScript. */
export const benchEnv = (env: Readonly<Record<string, string | undefined>>): Record<string, string> => ({
  ...allowedEnv(env),
  PATH: [dirname(process.execPath), env.PATH ?? "/usr/local/bin:/usr/bin:/bin"].join(":"),
});

/** `Python 3.11.7` out of what the version command prints; a sentence in `why` where it won't do. */
export function readVersion(toolchain: Toolchain, outcome: { exit: number | null; text: string }): { version: string; why: null } | { version: null; why: string } {
  const [least, { shown }] = [toolchain.least, toolchain];
  const found = /(\d+)\.(\d+)(?:\.\d+)?/.exec(outcome.text);
  if (outcome.exit !== 0 || !found) return { version: null, why: `${shown} is not installed, or can't be seen in the sandbox (${toolchain.version})` };
  const [major, minor] = [Number(found[1]), Number(found[2])];
  const enough = major > least[0] || (major === least[0] && minor >= least[1]);
  return enough ? { version: `${shown} ${found[0]}`, why: null } : { version: null, why: `${shown} ${found[0]} is too old: the tasks need ${least.join(".")}` };
}

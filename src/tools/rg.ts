// Running ripgrep: no configuration of anybody's, no links followed, output capped, gone when the signal says so.
import type { ChildProcess } from "node:child_process";
import { ToolError } from "../core/error.ts";
import { limits } from "./limits.ts";

export interface RgOutcome {
  text: string;
  /** 0 found, 1 nothing, 2 an error. */
  exit: number | null;
  error: string;
  /** It was ended before it was done: by the cap on output or the time limit. */
  cut: "output" | "time" | null;
}

/** `folder` is real and absolute; `args` come after Aura's own. Throws ToolError when ripgrep can't be started, AbortError when aborted. */
export async function ripgrep(folder: string, args: string[], signal: AbortSignal): Promise<RgOutcome> {
  const program = await import("@vscode/ripgrep").then(
    (module) => module.rgPath,
    () => null,
  );
  if (program === null) throw new ToolError("ripgrep isn't installed for this machine; search with a command (grep -rn) instead");
  const { spawn } = await import("node:child_process"); // it loads half the network stack
  signal.throwIfAborted();
  return await new Promise<RgOutcome>((done, fail) => {
    const child: ChildProcess = spawn(program, ["--no-config", "--no-require-git", "--hidden", "--glob=!.git", "--color=never", "--no-messages", ...args], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: { LC_ALL: "C.UTF-8" },
    });
    const pieces: Buffer[] = [];
    let size = 0;
    let error = "";
    let cut: RgOutcome["cut"] = null;
    const end = (why: "output" | "time"): void => {
      cut ??= why;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => end("time"), limits.searchMs);
    const onAbort = (): void => void child.kill("SIGKILL");
    signal.addEventListener("abort", onAbort, { once: true });
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    child.stdout?.on("data", (piece: Buffer) => {
      size += piece.length;
      if (size <= limits.helperBytes) pieces.push(piece);
      else end("output");
    });
    child.stderr?.on("data", (piece: Buffer) => {
      if (error.length < 2000) error += piece.toString("utf8");
    });
    child.on("error", (cause) => {
      over();
      fail(new ToolError(`ripgrep can't be started (${cause.message}); search with a command (grep -rn) instead`));
    });
    child.on("close", (exit) => {
      over();
      if (signal.aborted) fail(signal.reason);
      else done({ text: Buffer.concat(pieces).toString("utf8"), exit, error: error.trim(), cut });
    });
  });
}

/** The names of a tree that the ignore rules leave, relative to it; Aura's own folder is none of it. Throws as `ripgrep` does. */
export async function treeNames(root: string, signal: AbortSignal): Promise<string[]> {
  const { text } = await ripgrep(root, ["--files", "-0", "--glob=!.aura"], signal);
  return text
    .split("\0")
    .map((name) => name.replace(/^\.\//, ""))
    .filter((name) => name !== "");
}

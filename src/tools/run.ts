// The run tool: a shell command in the sandbox, and the commands left running in the background.
import * as z from "zod/mini";
import { commandKey } from "../core/approve.ts";
import { ToolError } from "../core/error.ts";
import type { JobId } from "../core/events.ts";
import type { RunOutcome } from "../sandbox/sandbox.ts";
import { headTail, limits } from "./limits.ts";
import type { Hands, Outcome, Tool } from "./tool.ts";

const args = z.object({
  command: z.optional(z.string()),
  timeout_s: z.optional(z.number()),
  background: z.optional(z.boolean().check(z.describe("for servers"))),
  outside: z.optional(z.boolean().check(z.describe("ask to leave the sandbox"))),
  job: z.optional(z.string().check(z.describe("background job to read"))),
  stop: z.optional(z.boolean()),
});
export type RunArgs = z.infer<typeof args>;
const settleMs = 3000;

export const run: Tool<RunArgs> = {
  name: "run",
  about: "Run a shell command, sandboxed, without network.",
  args,
  title: ({ command, job, stop }) => command ?? `${stop ? "stop " : ""}job ${job ?? "list"}`,
  async risk({ command, outside }) {
    if (command === undefined) return { kind: "read", outside: false };
    return { kind: "run", command, outside: outside === true, key: commandKey(command) };
  },
  accept(raw) {
    const { command, timeout_ms, timeout, job, action, ...rest } = raw;
    const accepted: Record<string, unknown> = { ...rest };
    const words = Array.isArray(command) ? command.map(String) : null;
    // ["bash", "-lc", "npm test"] is how other agents' shell tools are called
    if (words) accepted.command = /(^|\/)(ba|z|da)?sh$/.test(words[0] ?? "") && /^-\w*c$/.test(words[1] ?? "") ? words.slice(2).join(" ") : words.join(" ");
    else if (typeof command === "string") {
      const bare = command
        .trim()
        .replace(/^```\w*\n([\s\S]*?)\n?```$/, "$1")
        .replace(/^\$ /, "");
      if (bare !== "") accepted.command = bare;
    } else if (command !== undefined && command !== null) accepted.command = command;
    if (accepted.timeout_s === undefined) {
      const given = Number(timeout_ms ?? timeout);
      // a limit over what is allowed in seconds was meant in milliseconds
      if (given > 0) accepted.timeout_s = timeout_ms !== undefined || given > limits.runSecondsMost ? given / 1000 : given;
    }
    if (typeof job === "string" || typeof job === "number") accepted.job = String(job);
    if (action === "stop" || action === "kill") accepted.stop = true;
    if (accepted.job === undefined && accepted.command === undefined && (action === "list" || action === "read")) accepted.job = "list";
    return accepted;
  },
  async execute(call, hands): Promise<Outcome> {
    if (call.command === undefined) return jobOutcome(call, hands);
    if (call.outside && !hands.outside) throw new ToolError("this command was not allowed to leave the sandbox; try it inside, or do without");
    const seconds = Math.min(limits.runSecondsMost, Math.max(1, call.timeout_s ?? limits.runSeconds));
    const outcome = await hands.sandbox.run({
      command: call.command,
      cwd: hands.cwd,
      timeoutMs: seconds * 1000,
      signal: hands.signal,
      ...(call.outside ? { outside: true } : {}),
      ...(call.background ? { background: { settleMs } } : {}),
      onOutput: (chunk) => hands.live({ type: "tool.output", call: hands.call, chunk }),
      onScreen: (lines) => hands.live({ type: "tool.screen", call: hands.call, lines }),
    });
    const note = noteOf(outcome, seconds, call, hands);
    const text = headTail(outcome.text.trimEnd(), Math.max(400, hands.room - note.length - 20));
    return {
      ok: outcome.exit === 0 || outcome.job !== undefined,
      text: [text, note].filter((part) => part !== "").join("\n"),
      detail: { kind: "ran", command: call.command, exit: outcome.exit, timedOut: outcome.timedOut, where: outcome.level, ...(outcome.job ? { job: outcome.job } : {}) },
    };
  },
};

/** What programs say when there is no network, or when they were told so: resolvers, npm, pip, pnpm, cargo, uv, go's proxy on disk. */
export const noNetwork =
  /could not resolve|network is unreachable|ENOTFOUND|EAI_AGAIN|ENETUNREACH|temporary failure in name resolution|no address associated|ENOTCACHED|no matching distribution found|ERR_PNPM_NO_OFFLINE|--offline was specified|could not be found in registry index|network connectivity is disabled|cache\/download\/\S+: no such file/i;
/** Some of them fail without a word. */
const gitWrites = /\bgit\b[^|;&]*\b(stash|add|commit|checkout|switch|restore|reset|merge|rebase|revert|cherry-pick|branch|tag|rm|mv|am|pull|fetch|push)\b/;

/** How it ended, and what to do about it where that is known. */
function noteOf(outcome: RunOutcome, seconds: number, { command = "", background, outside }: RunArgs, { policy }: Pick<Hands, "policy">): string {
  if (outcome.job) return `[runs in the background as job ${outcome.job}: read it with {"job": "${outcome.job}"}, end it with "stop": true]`;
  const notes: string[] = [];
  if (outcome.timedOut) notes.push(`stopped after ${seconds} s; timeout_s may be up to ${limits.runSecondsMost}, a server needs "background": true`);
  else if (outcome.killed) notes.push(`stopped: ${outcome.killed}`);
  else if (outcome.exit === null) notes.push("ended by a signal");
  else notes.push(background && outcome.exit === 0 ? "exit 0: it has ended already" : `exit ${outcome.exit}`);
  if (outcome.exit !== 0 && !outside) {
    const silent = outcome.text.trim() === "";
    if (/\bgit\b/.test(command) && (/read-only file system|index\.lock/i.test(outcome.text) || (silent && gitWrites.test(command)))) {
      notes.push("inside the sandbox .git is read-only: use the git tool");
    } else if (noNetwork.test(outcome.text) || (silent && /\b(curl|wget)\b/.test(command))) {
      notes.push(policy === "ask" ? 'the sandbox has no network; "outside": true asks the person' : "the sandbox has no network");
    }
  }
  return `[${notes.join("; ")}]`;
}

async function jobOutcome({ job, stop }: RunArgs, { sandbox, room }: Hands): Promise<Outcome> {
  const jobs = sandbox.jobs();
  const known = jobs.map((line) => `${line.job} ${line.exit === null ? "running" : `exit ${line.exit}`}: ${line.command}`).join("\n");
  if (job === undefined) throw new ToolError(`run needs "command"${jobs.length > 0 ? `, or "job" for one of:\n${known}` : ""}`);
  const found = jobs.find((line) => line.job === job);
  const output = found ? sandbox.readJob(job as JobId) : null;
  if (!found || !output) {
    const list = jobs.length > 0 ? known : "no background jobs";
    if (job === "list" || job === "") return { ok: true, text: list };
    throw new ToolError(`there is no job ${job}: ${list}`);
  }
  const stopped = stop === true && output.exit === null ? await sandbox.stopJob(found.job) : false;
  const state = stopped ? "stopped" : output.exit === null ? "still running" : `exit ${output.exit}`;
  return { ok: true, text: [headTail(output.text.trimEnd(), room - 60), `[job ${job}: ${state}]`].filter((part) => part !== "").join("\n") };
}

// Measures how much of its prompt a session of fifty turns keeps: what each request shares with the one before, and what a server has to read anew.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Asked, ScriptedCall, Step } from "../src/app/demo/script.ts";
import { openScriptedServer, type Wire } from "../src/app/demo/server.ts";
import { type Row, row } from "./table.ts";
import { openPlace } from "./task.ts";

export interface Prefix {
  wire: Wire;
  requests: number;
  /** Of each request's tools and messages, the share of bytes that the next one begins with. */
  shares: number[];
  /** Tokens of all prompts, and those of them that the server had to read. */
  sent: number;
  read: number;
}
const turns = 50;
const wires: Wire[] = ["ollama", "llama-server"];

/** About 4 s for each wire. */
export async function measurePrefix(needs: { main: string; said(line: string): void }): Promise<Prefix[]> {
  const all: Prefix[] = [];
  for (const wire of wires) {
    const one = await fiftyTurns(needs.main, wire);
    needs.said(`prefix: ${wire}: ${one.requests} requests, smallest share ${Math.min(...one.shares)}, ${one.read} of ${one.sent} tokens read`);
    all.push(one);
  }
  return all;
}

async function fiftyTurns(main: string, wire: Wire): Promise<Prefix> {
  const place = openPlace();
  for (let at = 0; at < turns; at++)
    writeFileSync(join(place.project, `part${at}.js`), Array.from({ length: 30 }, (_, line) => `export const v${at}_${line} = ${line};\n`).join(""));
  const asks: Asked[] = [];
  const server = await openScriptedServer({
    wire,
    model: "scripted-model",
    context: 131_072,
    script: (asked) => {
      asks.push(asked);
      return stepOf(asks.length - 1);
    },
  });
  try {
    const argv = [main, "--yes", "--model", `${wire}/scripted-model`, "--url", server.url, "Look at every part and tidy it up."];
    const child = spawn(process.execPath, argv, { cwd: place.project, env: place.env, stdio: "ignore" });
    await once(child, "exit");
  } finally {
    await server.close();
    place.remove();
  }
  const prompts = asks.map(({ body }) => Buffer.from(JSON.stringify(body.tools ?? []) + JSON.stringify(body.messages).slice(0, -1)));
  const common = prompts.slice(1).map((prompt, at) => commonBytes(prompts[at] as Buffer, prompt));
  const tokens = (bytes: number): number => Math.ceil(bytes / 4);
  return {
    wire,
    requests: asks.length,
    shares: common.map((bytes, at) => bytes / (prompts[at] as Buffer).length),
    sent: prompts.reduce((sum, prompt) => sum + tokens(prompt.length), 0),
    read: prompts.reduce((sum, prompt, at) => sum + tokens(prompt.length - (common[at - 1] ?? 0)), 0),
  };
}

/** Reads, searches, edits, runs, fails, stumbles: what weak and strong models do, in turn. */
function stepOf(turn: number): Step {
  const path = `part${turn}.js`;
  const one = (name: string, args: ScriptedCall["args"], rawArgs?: string): Step => ({ calls: [{ name, args, ...(rawArgs === undefined ? {} : { rawArgs }) }] });
  if (turn >= turns - 1) return { say: "All parts are tidy." };
  switch (turn % 10) {
    case 1:
      return { think: "Where is it used?", ...one("search", { pattern: `v${turn}_1` }) };
    case 2:
      return one("edit", { path, old: `v${turn}_3 = 3`, new: `v${turn}_3 = 33` });
    case 3:
      return one("run", { command: "echo fine; false" });
    case 4:
      return one("edit", { path, old: "nowhere to be found", new: "x" });
    case 5:
      return one("read", {}, `{"path": ${path}`);
    case 6:
      // nobody is nudged for ever
      return turn < 20 ? { say: "I will now look at the next one." } : one("read", { path });
    case 7:
      return { calls: [one("read", { path }).calls?.[0], one("list", {}).calls?.[0]].filter((call) => call !== undefined) };
    case 8:
      return turn < 20 ? { think: "Hm." } : one("read", { path });
    case 9:
      return turn % 20 === 9 ? { trouble: { is: "status", status: 500, text: "boom" } } : one("read", { path });
    default:
      return { say: "Looking.", ...one("read", { path }) };
  }
}

function commonBytes(one: Buffer, other: Buffer): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  return at;
}

export function prefixRows(all: readonly Prefix[]): Row[] {
  const of = (pick: (one: Prefix) => number): number[][] => all.map((one) => [pick(one)]);
  const percent = (share: number): number => Math.round(share * 10_000) / 100;
  return [
    { figure: "fifty turns", target: "", values: all.map(({ wire }) => wire), reached: null },
    row(
      "requests",
      of((one) => one.requests),
      "",
      null,
    ),
    {
      figure: "request kept by the next, least",
      target: "100 %",
      values: all.map(({ shares }) => `${percent(Math.min(...shares))} %`),
      reached: all.every(({ shares }) => shares.every((share) => share === 1)),
    },
    row(
      "tokens sent",
      of((one) => one.sent),
      "",
      null,
    ),
    row(
      "tokens read anew",
      of((one) => one.read),
      "",
      null,
    ),
    row(
      "reused",
      of((one) => percent(1 - one.read / one.sent)),
      " %",
      null,
    ),
  ];
}

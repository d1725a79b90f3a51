// Measures what reading ahead brings: from Enter to the first word on the screen, with a server that reads prompts at the speed of a small machine.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openScriptedServer } from "../src/app/demo/server.ts";
import { openScreen } from "./pty.ts";
import { type Row, row } from "./table.ts";
import { openPlace, type Place } from "./task.ts";

export interface Prewarm {
  /** What was opened: a fresh session, or one with a conversation of so many tokens. */
  session: "fresh" | "resumed";
  /** From the session's opening to Enter, ms. */
  typedMs: number;
  prewarm: boolean;
  promptTokens: number;
  firstWordMs: number;
}
/** Tokens per second: a laptop's processor with a model of a few billion weights. */
const readPerS = 300;
const typing = { fresh: [500, 2_000, 5_000], resumed: [500, 5_000, 20_000] };
const long = Array.from({ length: 330 }, (_, at) => `export const value_${at} = ${at * 31};`).join("\n");

/** About two minutes. */
export async function measurePrewarm(needs: { main: string; said(line: string): void }): Promise<Prewarm[]> {
  const all: Prewarm[] = [];
  for (const session of ["fresh", "resumed"] as const)
    for (const typedMs of typing[session])
      for (const prewarm of [false, true]) {
        const one = await once(needs.main, session, typedMs, prewarm);
        needs.said(
          `prewarm: ${session}, ${typedMs} ms before Enter, ${prewarm ? "read ahead" : "cold"}: first word after ${Math.round(one.firstWordMs)} ms of ${one.promptTokens} tokens`,
        );
        all.push(one);
      }
  return all;
}

async function once(main: string, session: Prewarm["session"], typedMs: number, prewarm: boolean): Promise<Prewarm> {
  const place = openPlace();
  const config = join(place.home, ".config", "aura");
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, "config.json"), JSON.stringify({ prewarm }));
  writeFileSync(join(place.project, "long.js"), long);
  let promptTokens = 0;
  const opening = { wire: "llama-server" as const, model: "scripted-model", context: 32_768 };
  const earlier = await openScriptedServer({
    ...opening,
    script: (asked) => (asked.results === 0 ? { calls: [{ name: "read", args: { path: "long.js" } }] } : { say: "Many values." }),
  });
  const { port } = earlier;
  try {
    if (session === "resumed") {
      const talk = openScreen(main, place, earlier.url, { model: "llama-server/scripted-model" });
      await talk.until("\n ready ");
      talk.write("how many values?\r");
      await talk.until("Many values.");
      await talk.until("done");
      await talk.close();
      // the daemon is gone, too: as on the next morning
      stopDaemon(main, place);
    }
    await earlier.close();
    const server = await openScriptedServer({
      ...opening,
      port,
      readPerS,
      script: [{ say: "Sesame." }],
      onRequest: ({ chat, json }) => {
        if (chat) promptTokens = Math.ceil(json.length / 4);
      },
    });
    try {
      const screen = openScreen(main, place, server.url, { model: "llama-server/scripted-model", args: session === "resumed" ? ["--continue"] : [] });
      await screen.until(prewarm ? "warming" : "\n ready ");
      await sleep(typedMs);
      screen.write("open up");
      await screen.until("open up");
      const pressed = performance.now();
      screen.write("\r");
      const firstWordMs = (await screen.until("Sesame.", 120_000)) - pressed;
      await screen.close();
      return { session, typedMs, prewarm, promptTokens, firstWordMs };
    } finally {
      await server.close();
    }
  } finally {
    stopDaemon(main, place);
    place.remove();
  }
}

const stopDaemon = (main: string, place: Place): void => void spawnSync(process.execPath, [main, "daemon", "stop"], { env: place.env, stdio: "ignore" });

export function prewarmRows(all: readonly Prewarm[]): Row[] {
  const rows: Row[] = [{ figure: `from Enter to the first word, ${readPerS} tokens/s`, target: "", values: ["read ahead", "cold"], reached: null }];
  for (const session of ["fresh", "resumed"] as const)
    for (const typedMs of typing[session]) {
      const of = (prewarm: boolean): Prewarm | undefined => all.find((one) => one.session === session && one.typedMs === typedMs && one.prewarm === prewarm);
      const values = [true, false].map((prewarm) => [of(prewarm)?.firstWordMs].filter((value) => value !== undefined));
      rows.push(row(`${session}, ${of(true)?.promptTokens ?? "?"} tokens, Enter after ${typedMs / 1000} s`, values, " ms", null));
    }
  return rows;
}

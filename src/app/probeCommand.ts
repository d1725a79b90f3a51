// `aura models probe`: tries a model once, shows each step with its time, and keeps what came out for the sessions to come.
import { randomUUID } from "node:crypto";
import { formWords, type ProbeStep, runProbe, seconds } from "../agent/probe.ts";
import { type Choice, chooseProfile, formOrder } from "../agent/profile.ts";
import { loadConfig } from "../config/load.ts";
import { rememberedModel } from "../config/models.ts";
import type { Paths } from "../config/paths.ts";
import { saveProbe } from "../config/probes.ts";
import type { ExitCode } from "../core/error.ts";
import type { ModelId } from "../core/events.ts";
import type { Probed } from "../core/probed.ts";
import { setEnginePlace } from "../models/engine/pool.ts";
import { setAllowedHosts } from "../models/loopback.ts";
import { enginePlaceOf } from "./engine.ts";
import type { Flags } from "./flagvalues.ts";
import { alignColumns } from "./modelsCommand.ts";
import { modelOpener } from "./openmodel.ts";
import type { Output } from "./output.ts";
import { findRoot } from "./root-of.ts";

/** Where nobody says otherwise; loading the model comes on top. */
const usualMs = 60_000;

/** `model`: as it was named behind the command; null = the one in use. Throws AuraError as opening and probing do; interrupted, it keeps nothing. */
export async function runProbeCommand({ paths, flags, output, model: named }: { paths: Paths; flags: Flags; output: Output; model: string | null }): Promise<ExitCode> {
  const { user } = await loadConfig({ paths, root: null });
  setAllowedHosts(user.allowHosts ?? []);
  setEnginePlace(enginePlaceOf(paths, process.env));
  const root = findRoot(flags.cwd);
  const wanted = named ?? flags.model ?? (flags.url ? undefined : (user.model ?? rememberedModel(paths, root) ?? undefined));
  const url = flags.url ?? (named || flags.model ? undefined : user.url);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const steps: ProbeStep[] = [];
  try {
    const model = await modelOpener(paths, async () => user)(
      { root, ...(wanted === undefined ? {} : { model: wanted as ModelId }), ...(url === undefined ? {} : { url }) },
      stop.signal,
    );
    if (!flags.quiet) output.err(`Trying ${model.id}. This takes up to ${seconds(flags.limits.maxTimeMs ?? usualMs)} once it is loaded; Ctrl-C stops it and keeps nothing.`);
    const show = progressOn(process.stderr, flags.quiet);
    const { probed, skipped } = await runProbe(
      {
        model,
        url: model.url ?? url ?? "",
        at: Date.now(),
        nonce: randomUUID(),
        maxMs: flags.limits.maxTimeMs ?? usualMs,
        onStep: (step) => {
          if (step.state !== "begun") steps.push(step);
          show(step);
        },
      },
      stop.signal,
    );
    saveProbe(paths, probed);
    const choice = chooseProfile({ context: probed.context, probed, wish: user.profile ?? "auto" });
    if (flags.json) output.json({ probed, chosen: { ...choice, context: probed.context }, steps, skipped });
    else for (const line of renderProbe(probed, choice, skipped)) output.out(line);
    return 0;
  } catch (error) {
    if (stop.signal.aborted && !flags.quiet) output.err("Stopped; nothing was kept.");
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

/** One line for each step that is over; on a terminal what is being tried stands below them. */
function progressOn(stderr: NodeJS.WriteStream, quiet: boolean): (step: ProbeStep) => void {
  return ({ name, state, got, ms }) => {
    if (quiet) return;
    if (state === "begun") {
      if (stderr.isTTY) stderr.write(`  ${got} ...\r`);
      return;
    }
    stderr.write(`${stderr.isTTY ? "\x1b[K" : ""}  ${name.padEnd(15)} ${got}${ms > 0 ? ` (${seconds(ms)})` : ""}\n`);
  };
}

const callWords: Record<Probed["calls"], string> = { native: "handed over by the server", text: "in its text", none: "none that could be read" };

/** What was found out and what follows, as lines. */
export function renderProbe(probed: Probed, choice: Choice, skipped: readonly string[]): string[] {
  const yes = (is: boolean, step: string): string => (skipped.includes(step) ? "not tried" : is ? "yes" : "no");
  const edits = formOrder.flatMap((form) => {
    const seen = probed.edits[form];
    return seen && seen.tried > 0 ? [`${formWords[form]} ${seen.landed} of ${seen.tried}`] : [`${formWords[form]} not tried`];
  });
  const speed = (perS: number | null): string => (perS === null ? "not known" : `${perS < 10 ? perS : Math.round(perS)} tokens/s`);
  const rows = [
    ["tool calls", probed.onlyTold ? "in its text, where the tools are told there" : callWords[probed.calls]],
    ["several at once", probed.calls === "none" ? "no" : yes(probed.parallel, "parallel")],
    ["keeps a schema", yes(probed.schema, "schema")],
    ["forced calls", yes(probed.forced, "forced")],
    ["thinks first", probed.thinks ? "yes" : "no"],
    ["edits that landed", edits.join(", ")],
    ["reads", speed(probed.readPerS)],
    ["writes", speed(probed.writePerS)],
    ["context", `${probed.context} tokens`],
    ["profile", `${choice.profile}, as ${choice.why}`],
    ["form of edits", formWords[choice.form]],
  ];
  return [`${probed.model} at ${probed.url}`, ...alignColumns(rows.map(([what = "", is = ""]) => [`  ${what}`, is]))];
}

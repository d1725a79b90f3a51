// The first line (where, which model, how confined) and the last (what it is doing now, meters, keys).

import { cut, sanitiseLine } from "../../../core/text.ts";
import { duration } from "../../../core/time.ts";
import type { UiState, ViewState } from "../state.ts";
import { seconds } from "./call.ts";
import { fitLine, type Line, lineWidth, type Span, span, spread, style } from "./line.ts";

const spinner = "⠋⠙⠸⠴⠦⠇";
/** ms between two pictures of the spinner. */
export const spinnerMs = 250;

/** ` aura  shop  main ↑1 ●3 … qwen3-coder:30b  ollama  ask  sandboxed, network off`. The model is never left out. */
export function headerLine(view: ViewState, ui: UiState, width: number): Line {
  const name = sanitiseLine(view.root.split("/").findLast((part) => part !== "") ?? "");
  const id = view.model === null ? "" : sanitiseLine(view.model);
  const slash = id.indexOf("/");
  const [server, named] = slash < 0 ? ["", id] : [id.slice(0, slash), id.slice(slash + 1)];
  // a model that is a file goes by the file's own name
  const model = server === "embedded" ? named.slice(named.lastIndexOf("/") + 1) : named;
  const left: Span[][] = [[span(" aura", style.accent | style.bold)]];
  if (name !== "") left.push([span(`  ${name}`, style.bold)]);
  if (ui.git) left.push([span(`  ${branch(ui.git)}`)]);
  const right: Span[][] = [[view.model === null ? span("no model  ", style.dim) : span(`${model}  `, style.bold)]];
  if (server !== "") right.push([span(`${server}  `, style.dim)]);
  right.push([span(`${view.policy}  `, view.policy === "ask" ? style.dim : style.accent)]);
  const unconfined = view.sandbox === "none";
  if (view.sandbox !== null) right.push([unconfined ? span("UNCONFINED ", style.red | style.bold) : span("sandboxed, network off ", style.dim)]);
  // what goes first when there is no room: git, server, policy, sandbox (not the warning), repository
  const drops: Span[][] = [...left.slice(2), ...right.slice(1, unconfined ? -1 : undefined), ...left.slice(1, 2)];
  const gone = new Set<Span[]>();
  const kept = (parts: Span[][]): Span[] => parts.filter((part) => !gone.has(part)).flat();
  for (const part of drops) {
    if (lineWidth(kept(left)) + lineWidth(kept(right)) < width) break;
    gone.add(part);
  }
  return spread(kept(left), fitLine(kept(right), Math.min(width, lineWidth(kept(right)))), width);
}

function branch(git: NonNullable<UiState["git"]>): string {
  const counts = [git.ahead > 0 ? `↑${git.ahead}` : "", git.behind > 0 ? `↓${git.behind}` : "", git.dirty > 0 ? `●${git.dirty}` : ""];
  return [sanitiseLine(git.branch), ...counts].filter((part) => part !== "").join(" ");
}

/** What it is doing now, in words; with seconds where something is slow. */
export function doingNow(view: ViewState, ui: UiState, now: number): Line {
  if (ui.connected === "lost") return [span("connection lost, trying again; the run goes on", style.red)];
  if (ui.connected === "connecting" && view.lastSeq === 0) return [span("connecting")];
  const waiting = view.pending.length;
  if (waiting > 0) return [span(waiting > 1 ? `${waiting} wait for you` : "waiting for you", style.accent | style.bold)];
  const { what, since, part, leftMs, guess, name } = view.work;
  if (what === "warming" && !view.running) return [span("warming the model up", style.dim)];
  // without a run only a command of the person's own is worth telling
  if (what === "idle" || (!view.running && what !== "running")) return [span("ready", style.dim)];
  const picture = spinner[Math.floor(now / spinnerMs) % spinner.length] ?? "";
  const figures: string[] = [];
  if (part !== null) figures.push(` ${Math.round(Math.max(0, Math.min(1, part)) * 100)} %`);
  if (leftMs !== null) figures.push(`, ${guess ? "≈ " : ""}${duration(Math.max(1000, Math.round(leftMs / 1000) * 1000)).replace(".0 s", " s")} left`);
  const spent = part === null && since > 0 ? seconds(now - since) : "";
  const subject = what === "running" && name !== null ? ` ${shortName(name)}` : what === "loading" && name !== null ? ` ${cut(name, nameRoom)}` : "";
  return [span(picture, style.accent), span(` ${words(view)}${subject}${figures.join("")}${spent === "" ? "" : ` ${spent}`}`)];
}

const nameRoom = 28;
/** `run npm test -- cart` reads `npm test -- cart` behind "running"; a bare tool is named. */
const shortName = (name: string): string =>
  name === "run"
    ? "a command"
    : cut(
        name
          .replace(/^run /, "")
          .replace(/^test all$/, "test")
          .replaceAll("\n", " "),
        nameRoom,
      );

function words(view: ViewState): string {
  switch (view.work.what) {
    case "idle":
    case "warming":
      return "ready";
    case "connecting":
      return "asking the model";
    case "loading":
      return "loading";
    case "queued":
      return "waiting for a slot at the server";
    case "reading":
      return "reading prompt";
    case "thinking":
      return "thinking";
    case "writing":
      return view.saying.call ? `writing the ${view.saying.call.name} call` : "writing";
    case "running":
      return "running";
    case "waiting":
      return "waiting for you";
    case "stalled":
      return "no word from the server for";
    case "retrying":
      return "trying again";
  }
}

const thousands = (tokens: number): string => (tokens < 1000 ? String(tokens) : `${Math.round(tokens / (tokens % 1024 === 0 ? 1024 : 1000))}k`);

/** Figures of the session, the dearest first: they go from the end when there is no room. */
function meters(view: ViewState): string[] {
  const parts: string[] = [];
  if (view.context > 0) parts.push(`context ${Math.round((view.contextUsed / view.context) * 100)} % of ${thousands(view.context)}`);
  if (view.tokensPerS !== null) parts.push(`${view.tokensPerS < 10 ? view.tokensPerS.toFixed(1) : Math.round(view.tokensPerS)} tok/s`);
  const usage = view.lastUsage;
  if (usage?.cachedTokens != null && usage.promptTokens) parts.push(`cache ${usage.cachedGuess ? "≈" : ""}${Math.round((usage.cachedTokens / usage.promptTokens) * 100)} %`);
  return parts;
}

/** A thought is being streamed, which the person may end. */
export const canHasten = (view: ViewState): boolean => view.running && view.work.what === "thinking" && view.saying.text === "";

/** ` reading prompt 43 %, 12 s left     context 18 % of 32k   41 tok/s   cache 97 %     ? keys   esc stop `. A flash takes the left part when `flash`. */
export function statusLine(view: ViewState, ui: UiState, width: number, now: number, flash: boolean): Line {
  const left: Line = [span(" "), ...(flash && ui.flash !== null ? [span(sanitiseLine(ui.flash), style.bold)] : doingNow(view, ui, now))];
  const hurry = canHasten(view) ? [span("   ctrl-t answer now", style.dim)] : [];
  const keys: Span[] = [span("? keys", style.dim), ...hurry, ...(view.running || view.work.what === "running" ? [span("   esc stop", style.dim)] : []), span(" ")];
  const figures = meters(view);
  for (let count = figures.length; count >= 0; count--) {
    const middle = figures.slice(0, count).join("   ");
    const needed = lineWidth(left) + middle.length + lineWidth(keys) + (middle === "" ? 2 : 6);
    if (needed > width) continue;
    if (middle === "") return spread(left, keys, width);
    // the figures begin where the left part seldom reaches, so that they don't move with every word
    const from = Math.max(lineWidth(left) + 3, Math.min(Math.floor(width * 0.35), width - lineWidth(keys) - middle.length - 3));
    return spread([...fitLine(left, from), span(middle, style.dim)], keys, width);
  }
  return fitLine(left, width);
}

/** ms until a frame would look different though nothing happened, or null: an idle screen needs no clock. */
export function nextTick(view: ViewState, ui: UiState): number | null {
  if (!view.running || ui.connected === "lost" || view.pending.length > 0) return null;
  return spinnerMs;
}

// Opening and closing sessions: a new log or an old one, what its earlier life left undone, and the way it is handed on.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ClientId, Fact, Opening, SessionId } from "../core/events.ts";
import { openHub } from "../core/live.ts";
import { createLog, type LogOwner, openLog } from "../core/log.ts";
import { note } from "../core/note.ts";
import { lostResult, openCalls } from "./prompt.ts";
import { startRun } from "./run.ts";
import { type AgentNeeds, isUnfinished, type Session, unmeasured } from "./session.ts";
import { relearn } from "./size.ts";

/** Opens a session, new or old; an old one's unfinished run goes on. Throws AuraError when its log can't be had. */
export async function openSession(needs: AgentNeeds, sessions: Map<SessionId, Session>, id: SessionId, opening: Opening, by: ClientId): Promise<Session> {
  const dir = join(opening.root, ".aura", "log");
  const { log, repaired, fresh } = openOrCreate(dir, id, needs, opening.headless ? "headless" : "daemon");
  const hub = openHub(log);
  const session: Session = {
    id,
    opening,
    log,
    hub,
    policy: opening.policy,
    model: { wanted: opening.model, url: opening.url, open: null },
    workplace: needs.openWorkplace(opening),
    place: null,
    remembered: new Set(),
    waiting: new Map(),
    run: null,
    keys: null,
    perToken: 4,
    ...unmeasured(),
    hasten: null,
    frozen: false,
    told: new Set(),
    append: (...facts) => log.append(...facts),
    live: (live) => hub.live(live),
  };
  sessions.set(id, session);
  if (fresh)
    log.append({
      type: "opened",
      v: 1,
      session: id,
      root: opening.root,
      cwd: opening.cwd,
      by,
      version: needs.version,
      policy: opening.policy,
      sandbox: null,
      limits: opening.limits,
      headless: opening.headless ?? false,
    });
  else restore(session);
  if (repaired) log.append({ type: "noted", level: "warn", text: repaired });
  session.workplace.then(
    (place) => {
      session.place = place;
    },
    (error: unknown) => note("agent", "the workplace could not be opened", { error: String(error) }, "error"),
  );
  void sayLevel(session);
  session.remembered = await needs.remembered.load(opening.root);
  if (!fresh && isUnfinished(log.entries)) (opening.ending ? endUnfinished : resumeRun)(needs, session);
  return session;
}

function openOrCreate(dir: string, id: SessionId, needs: AgentNeeds, as: LogOwner): { log: Session["log"]; repaired: string | null; fresh: boolean } {
  if (existsSync(join(dir, `${id}.jsonl`))) return { ...openLog(dir, id, needs.clock, as), fresh: false };
  return { log: createLog(dir, id, needs.clock, as), repaired: null, fresh: true };
}

/** What was set in the session's earlier life holds on: the model and policy it last had, unless the opening names others. */
function restore(session: Session): void {
  const { model, url, preset } = session.opening;
  for (const entry of session.log.entries) {
    if (entry.type === "primed") session.model = { ...session.model, wanted: entry.model, url: entry.url };
    if (entry.type === "set" && entry.model) session.model = { ...session.model, wanted: entry.model, url: entry.url };
    if (entry.type === "set" && entry.policy) session.policy = entry.policy;
  }
  // a flag counts; what configuration or memory says is for sessions that have no model yet. A model named without an address is at its usual one
  if (!(preset && session.model.wanted !== undefined) && (model !== undefined || url !== undefined))
    session.model = { ...session.model, wanted: model ?? session.model.wanted, url };
  session.frozen = session.log.entries.some((entry) => entry.type === "asked");
  relearn(session, session.log.entries);
}

/** Goes on with a run that the last process left unfinished. Calls that had been running are lost; one that waited asks again. */
function resumeRun(needs: AgentNeeds, session: Session): void {
  const entries = session.log.entries;
  const lastAsked = entries.findLastIndex((entry) => entry.type === "asked");
  const since = entries.slice(lastAsked).filter((entry) => entry.type === "noted" && entry.text.startsWith("Resumed")).length;
  if (since >= 3) {
    session.append({
      type: "ended",
      why: "failed",
      turns: 0,
      ms: 0,
      error: { code: "resume.loop", message: "This run was interrupted three times; it is not started again by itself.", hint: "Ask it to go on." },
    });
    return;
  }
  note("agent", "resuming", { session: session.id, before: since }, "info");
  const waited = new Set(entries.flatMap((entry) => (entry.type === "approval.wanted" ? [entry.call] : [])));
  for (const entry of entries) if (entry.type === "approval.given") waited.delete(entry.call);
  const started = entries.filter((entry) => entry.type === "changed" || entry.type === "approval.given").map((entry) => entry.call);
  // in order: the first open call may have been running, the ones behind it had not begun
  const [first] = openCalls(entries);
  if (first && !waited.has(first.call) && (started.includes(first.call) || session.policy !== "ask"))
    session.append({ type: "tool.returned", call: first.call, ok: false, text: lostResult, ms: 0 });
  session.append({ type: "noted", level: "info", text: "Resumed after an interruption." });
  startRun(needs, session);
}

/** What a run that died left open is closed in the log; nothing of it is done any more. */
function endUnfinished(_needs: AgentNeeds, session: Session): void {
  const lost = openCalls(session.log.entries).map((called): Fact => ({ type: "tool.returned", call: called.call, ok: false, text: lostResult, ms: 0 }));
  session.append(...lost, { type: "ended", why: "stopped", turns: 0, ms: 0 });
}

async function sayLevel(session: Session): Promise<void> {
  try {
    const { sandbox } = await session.workplace;
    const level = await sandbox.ready;
    const said = session.log.entries.findLast((entry) => entry.type === "confined");
    if (said?.type !== "confined" || said.level !== level) session.append({ type: "confined", level, why: [...sandbox.why] });
  } catch (error) {
    note("agent", "the sandbox could not be set up", { error: String(error) }, "error");
  }
}

/** A run that is cut off here stays unfinished in the log: whoever opens the session next goes on with it. */
export async function closeSession(needs: AgentNeeds, session: Session): Promise<void> {
  const unfinished = session.run !== null;
  session.log.close();
  if (session.run) {
    session.run.abort.abort();
    await session.run.done.catch(() => {});
  }
  if (unfinished) needs.active.add(session.id, session.opening);
  await session.workplace.then((workplace) => workplace.close()).catch(() => {});
}

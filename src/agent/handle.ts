// Commands become effects here: the in-process Core. Sessions open, runs start, approvals find the call that waits for them.
import { join } from "node:path";
import { AuraError, toFailure, unreachable } from "../core/error.ts";
import type { Answer, ClientId, Command, Entry, Live, ModelId, Question, Seq, SessionId } from "../core/events.ts";
import { logOwner } from "../core/log.ts";
import { note } from "../core/note.ts";
import type { Core } from "../core/port.ts";
import { tailLog } from "../core/tail.ts";
import { sessionLines } from "./lines.ts";
import { closeSession, openSession } from "./open.ts";
import { endBy, startRun } from "./run.ts";
import { type AgentNeeds, type Session, unmeasured } from "./session.ts";
import { revert, undoable } from "./undo.ts";
import { openWarmer } from "./warm.ts";

/** Questions that other rooms answer; compose wires them. */
export interface Answers {
  /** At `url` alone when it is given. */
  models(url?: string): Promise<Answer<{ type: "models" }>>;
  files(root: string, words: string, limit: number): Promise<string[]>;
  debug(lines: number): Promise<string[]>;
  health(sessions: number): Promise<Answer<{ type: "health" }>>;
  /** Every repository Aura was used in, for `sessions` without a root. */
  roots(): string[];
  /** Called with each repository a session is opened in. */
  sawRoot(root: string): void;
}
export interface OpenCore {
  core: Core;
  /** Is a run going on that should be waited for? */
  busy(): boolean;
  /** Stops runs, closes logs, ends processes. Runs that were going on are resumed by the successor. */
  close(): Promise<void>;
  /** Would an idle exit lose something: an approval that waits, a command left running? */
  holds(): boolean;
}
/** Long enough for a dropped line to come back to a session that is still open. */
const idleCloseMs = 10_000;
const maxShellMs = 10 * 60_000;

export function openCore(needs: AgentNeeds, answers: Answers): OpenCore {
  const sessions = new Map<SessionId, Session>();
  const watching = new Map<SessionId, number>();
  const warmer = openWarmer(needs, sessions);
  const rootsBySession = new Map<SessionId, string>();

  const get = (id: SessionId): Session => {
    const session = sessions.get(id);
    if (session) return session;
    const root = rootsBySession.get(id);
    if (root !== undefined && logOwner(join(root, ".aura", "log"), id) === "headless")
      throw new AuraError("session.owned", `Session ${id} is run by aura --yes: it can be watched here, not steered.`, { hint: "Ctrl-C where that runs stops it." });
    throw new AuraError("session.unknown", `Session ${id} is not open here.`, { hint: "aura sessions lists them; aura resume SESSION opens one." });
  };

  const send = async (command: Command): Promise<void> => {
    switch (command.type) {
      case "open":
        // known before it is opened: a session that another process runs can still be watched
        rootsBySession.set(command.session, command.opening.root);
        if (!sessions.has(command.session)) {
          const session = await openSession(needs, sessions, command.session, command.opening, command.by);
          if (session.run) warmer.giveUp();
          else warmer.begin(session);
        }
        answers.sawRoot(command.opening.root);
        return;
      case "ask": {
        const session = get(command.session);
        warmer.giveUp();
        session.append({ type: "asked", text: command.text, by: command.by });
        if (!session.run) startRun(needs, session);
        return;
      }
      case "stop":
        endBy(get(command.session), "stopped");
        for (const shell of shells.get(get(command.session)) ?? []) shell.abort();
        return;
      case "approve": {
        const { type: _, session: id, call, ...approval } = command;
        const session = get(id);
        const waiting = session.waiting.get(call);
        // the first answer wins; a second one hears so as a fact, not as an error
        if (waiting) waiting(approval);
        else session.append({ type: "noted", level: "info", text: "That question was answered already, or its run has ended." });
        return;
      }
      case "revert": {
        const session = get(command.session);
        if (session.run) throw new AuraError("undo.running", "Aura is still working: stop it first (Esc), then undo.");
        await revert(session.log, (await session.workplace).files, command.to);
        return;
      }
      case "set":
        set(needs, get(command.session), command);
        if (command.model !== undefined) warmer.begin(get(command.session));
        return;
      case "shell":
        void shell(needs, get(command.session), command.command, command.by);
        return;
      case "keys":
        get(command.session).keys?.(command.bytes);
        return;
      case "kill": {
        const { sandbox } = await get(command.session).workplace;
        if (!(await sandbox.stopJob(command.job))) throw new AuraError("job.unknown", `There is no background command ${command.job}.`);
        return;
      }
      case "hasten":
        // never an error: the thought may just have ended
        sessions.get(command.session)?.hasten?.();
        return;
      case "typing": {
        // never an error: the session may be gone meanwhile
        const session = sessions.get(command.session);
        if (session) warmer.typing(session);
        return;
      }
      default:
        unreachable(command);
    }
  };

  const query = async (question: Question): Promise<unknown> => {
    switch (question.type) {
      case "sessions": {
        const owner = (root: string) => (id: SessionId) => logOwner(join(root, ".aura", "log"), id);
        const roots = question.root === undefined ? answers.roots() : [question.root];
        return roots.flatMap((root) => {
          const lines = sessionLines(root, owner(root));
          for (const line of lines) rootsBySession.set(line.session, root);
          return lines;
        });
      }
      case "models":
        return answers.models(question.url);
      case "files":
        return answers.files(question.root, question.words, question.limit);
      case "jobs":
        return (await get(question.session).workplace).sandbox.jobs();
      case "undo":
        return undoable(get(question.session).log.entries, question.to);
      case "debug":
        return answers.debug(question.lines);
      case "health":
        return answers.health(sessions.size);
      default:
        return unreachable(question);
    }
  };

  async function* watch(id: SessionId, from: Seq, signal: AbortSignal): AsyncGenerator<Entry | Live> {
    const session = sessions.get(id);
    if (session) {
      watching.set(id, (watching.get(id) ?? 0) + 1);
      try {
        yield* session.hub.watch(from, signal);
      } finally {
        watching.set(id, (watching.get(id) ?? 1) - 1);
        setTimeout(() => closeIfIdle(id), idleCloseMs).unref();
      }
      return;
    }
    const root = rootsBySession.get(id);
    if (root === undefined) throw new AuraError("session.unknown", `Session ${id} is not known here.`, { hint: "aura sessions lists them." });
    yield* tailLog(join(root, ".aura", "log", `${id}.jsonl`), from, signal);
  }

  /** A session nobody looks at and nothing runs in gives its lock and memory back; the next `open` reads its log again. */
  const closeIfIdle = (id: SessionId): void => {
    const session = sessions.get(id);
    const jobs = session?.place?.sandbox.jobs() ?? [];
    if (!session || session.run || (watching.get(id) ?? 0) > 0 || jobs.some((job) => job.exit === null)) return;
    sessions.delete(id);
    watching.delete(id);
    warmer.giveUp(session);
    closeSession(needs, session).catch((error: unknown) => note("agent", "a session did not close", { error: String(error) }, "warn"));
  };

  return {
    core: { send, query: query as Core["query"], watch },
    busy: () => [...sessions.values()].some((session) => session.run !== null && session.waiting.size === 0),
    holds: () => [...sessions.values()].some((session) => session.run !== null || (session.place?.sandbox.jobs() ?? []).some((job) => job.exit === null)),
    close: async () => {
      warmer.giveUp();
      await Promise.all([...sessions.values()].map((session) => closeSession(needs, session)));
      sessions.clear();
    },
  };
}

function set(needs: AgentNeeds, session: Session, command: { model?: ModelId; url?: string; policy?: Session["policy"] }): void {
  if (command.model !== undefined) keepChoice(needs, session, command.model);
  if (command.model !== undefined) Object.assign(session, { model: { wanted: command.model, url: command.url, open: null }, ...unmeasured() });
  if (command.policy !== undefined) session.policy = command.policy;
  session.append({
    type: "set",
    ...(command.model === undefined ? {} : { model: command.model, ...(command.url === undefined ? {} : { url: command.url }) }),
    ...(command.policy === undefined ? {} : { policy: command.policy }),
  });
}

/** The person's own commands that run, so that a stop ends them too. */
const shells = new WeakMap<Session, Set<AbortController>>();
/** A choice that can't be kept holds for this session all the same. */
function keepChoice(needs: AgentNeeds, session: Session, model: ModelId): void {
  try {
    needs.chose(session.opening.root, model);
  } catch (error) {
    const { message, hint } = toFailure(error);
    session.append({ type: "noted", level: "warn", text: `The model is not remembered: ${message}`, ...(hint ? { hint } : {}) });
  }
}

/** The person's own command, in the sandbox; the model reads of it with the next request. */
async function shell(needs: AgentNeeds, session: Session, command: string, by: ClientId): Promise<void> {
  const started = needs.clock.now();
  const call = `shell_${session.log.entries.length}` as Extract<Live, { type: "tool.output" }>["call"];
  session.live({ type: "working", what: "running", since: started, name: command });
  const stop = new AbortController();
  const running = shells.get(session) ?? new Set();
  shells.set(session, running.add(stop));
  try {
    const { sandbox } = await session.workplace;
    const outcome = await sandbox.run({
      command,
      cwd: session.opening.cwd,
      timeoutMs: maxShellMs,
      signal: stop.signal,
      onOutput: (chunk) => session.live({ type: "tool.output", call, chunk }),
      onScreen: (lines) => session.live({ type: "tool.screen", call, lines }),
      onStart: (running) => {
        session.keys = (bytes) => running.write(bytes);
      },
    });
    session.append({ type: "shelled", command, ok: outcome.exit === 0, text: needs.redact(outcome.text).slice(-8_000), ms: outcome.ms, by });
  } catch (error) {
    const text = stop.signal.aborted ? "stopped" : error instanceof Error ? error.message : String(error);
    session.append({ type: "shelled", command, ok: false, text, ms: needs.clock.now() - started, by });
  } finally {
    running.delete(stop);
    session.keys = null;
    if (!session.run) session.live({ type: "working", what: "idle", since: needs.clock.now() });
  }
}

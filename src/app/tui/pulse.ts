// What moves without a key: the clock while something works, the log while it is looked at, the window's title, the repository's state. Still when nothing is going on.
import type { Entry } from "../../core/events.ts";
import type { Deck } from "./deck.ts";
import { shownPanes } from "./layout.ts";
import { spinnerMs } from "./parts/status.ts";
import type { UiState } from "./state.ts";
import type { Terminal } from "./terminal.ts";

export interface PulseNeeds {
  deck: Deck;
  terminal: Terminal;
  draw(): void;
  git(): Promise<UiState["git"]>;
  /** The repository's name, for the title. */
  project: string;
}
export interface Pulse {
  /** After any change of view or desk: starts what is needed. */
  look(): void;
  /** After a fact (null: connected): the repository may have changed. */
  fact(entry: Entry | null): void;
  stop(): void;
}
/** How often the log is read while it is looked at. */
const logMs = 2000;
const logLines = 500;

export function openPulse(needs: PulseNeeds): Pulse {
  const { deck, terminal } = needs;
  let tick: NodeJS.Timeout | null = null;
  let disarming: NodeJS.Timeout | null = null;
  let armed: unknown = null;
  let readAt = 0;
  let asking = false;
  let again = false;
  let stopped = false;

  const works = (): boolean => deck.view().running || deck.view().work.what !== "idle" || deck.view().terminal.running;
  const logShown = (): boolean => shownPanes(deck.desk()).includes("log");
  function onTick(): void {
    tick = null;
    if (logShown() && Date.now() - readAt >= logMs) void readLog();
    if (works()) needs.draw();
    look();
  }
  async function readLog(): Promise<void> {
    readAt = Date.now();
    const lines = await deck.query({ type: "debug", lines: logLines }).catch(() => null);
    const { debug } = deck.desk();
    if (stopped || !lines || (lines.length === debug.length && lines.at(-1) === debug.at(-1))) return;
    deck.change((desk) => ({ ...desk, debug: lines }));
  }
  function title(): void {
    const { pending, running } = deck.view();
    terminal.title(pending.length > 0 ? `● ${needs.project} waits for you - aura` : `${running ? "… " : ""}${needs.project} - aura`);
  }
  function disarmLater(): void {
    const { armed: now } = deck.desk();
    if (now === armed) return;
    armed = now;
    if (disarming) clearTimeout(disarming);
    disarming = now ? setTimeout(() => deck.change((desk) => (desk.armed === now ? { ...desk, armed: null, flash: null } : desk)), Math.max(0, now.until - deck.now())) : null;
  }
  function look(): void {
    if (stopped) return;
    title();
    disarmLater();
    if (!tick && (works() || logShown())) tick = setTimeout(onTick, works() ? spinnerMs : readAt === 0 ? 0 : logMs);
  }
  async function readGit(): Promise<void> {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    do {
      again = false;
      const git = await needs.git().catch(() => null);
      if (!stopped) deck.change((desk) => (JSON.stringify(desk.git) === JSON.stringify(git) ? desk : { ...desk, git }));
    } while (again && !stopped);
    asking = false;
  }
  return {
    look,
    fact(entry) {
      if (entry === null || entry.type === "changed" || entry.type === "ended" || entry.type === "reverted" || entry.type === "shelled") void readGit();
    },
    stop() {
      stopped = true;
      if (tick) clearTimeout(tick);
      if (disarming) clearTimeout(disarming);
    },
  };
}

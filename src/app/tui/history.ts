// What was typed before, oldest first: kept across sessions by whoever hands in `load` and `save`.

export interface HistoryNeeds {
  /** Oldest first. May fail: then there is no history. */
  load(): Promise<string[]>;
  save(lines: string[]): Promise<void>;
}
export interface History {
  lines(): readonly string[];
  /** Remembers a text; the same text twice in a row counts once. */
  add(text: string): void;
}
const maxLines = 1000;
const maxLength = 20_000;

/** Returns at once; what was saved is there as soon as it is read, before what is typed meanwhile. */
export function openHistory(needs: HistoryNeeds): History {
  let lines: string[] = [];
  let read = false;
  const save = (): void => {
    if (read) needs.save(lines).catch(() => {}); // a history that can't be kept is no reason to disturb anybody
  };
  needs.load().then(
    (saved) => {
      const typed = lines;
      lines = saved.filter((line) => typeof line === "string" && line !== "").slice(-maxLines);
      read = true;
      for (const line of typed) append(line);
      if (typed.length > 0) save();
    },
    () => {},
  );
  function append(text: string): boolean {
    if (text.trim() === "" || text.length > maxLength || lines.at(-1) === text) return false;
    lines = [...lines.slice(1 - maxLines), text];
    return true;
  }
  return {
    lines: () => lines,
    add(text) {
      if (append(text)) save();
    },
  };
}

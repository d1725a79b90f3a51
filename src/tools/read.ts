// The read tool: a file's lines with their numbers, as many as fit.
import * as z from "zod/mini";
import { binaryKind } from "./bytes.ts";
import { readAll } from "./hold.ts";
import { limits, sizeOf } from "./limits.ts";
import { type Line, type LineRange, type LinesRead, linesOf, streamLines } from "./lines.ts";
import { diskError } from "./place.ts";
import type { Outcome, Tool } from "./tool.ts";

const args = z.object({ path: z.string(), from: z.optional(z.int()), to: z.optional(z.int()) });
export type ReadArgs = z.infer<typeof args>;

export const read: Tool<ReadArgs> = {
  name: "read",
  about: "Read a file, with line numbers. from/to: lines.",
  args,
  title: ({ path, from, to }) => (from === undefined && to === undefined ? path : `${path} ${from ?? 1}-${to ?? ""}`),
  async risk({ path }, { files }) {
    return { kind: "read", outside: (await files.locate(path)).access === "outside" };
  },
  accept(raw) {
    const { limit, lines, ...rest } = raw;
    const [, first, last] = /^(-?\d+)\s*[-:,]\s*(\d+)$/.exec(typeof lines === "string" ? lines : Array.isArray(lines) ? lines.join("-") : "") ?? [];
    if (first !== undefined && rest.from === undefined) Object.assign(rest, { from: first, to: last });
    const many = Number(limit);
    // other agents' read tools count lines from an offset
    if (limit !== undefined && limit !== null && many > 0 && rest.to === undefined) rest.to = Math.max(1, Number(rest.from ?? 1) || 1) + many - 1;
    return rest;
  },
  async execute({ path, from, to }, hands): Promise<Outcome> {
    const { handle, shown, size } = await hands.files.open(path, { allowOutside: hands.outside });
    try {
      const head = Buffer.alloc(Math.min(8192, size));
      await handle.read(head, 0, head.length, 0);
      const kind = binaryKind(head);
      if (kind) return { ok: true, text: `${shown} is ${kind === "binary" ? "a binary file" : kind}, ${sizeOf(size)}: not shown` };
      const whole = size <= limits.wholeFileBytes ? readAll(handle, shown, limits.wholeFileBytes * 2) : null;
      const lines = async (range: LineRange): Promise<LinesRead> => (whole ? linesOf(whole, range) : await streamLines(handle, range, hands.signal));
      return await answer({ shown, size, room: Math.max(400, hands.room - 200), huge: whole === null, lines }, from, to);
    } catch (error) {
      if (hands.signal.aborted) throw error;
      throw diskError(error, shown, "read");
    } finally {
      await handle.close();
    }
  },
};

interface Source {
  shown: string;
  size: number;
  room: number;
  /** Too large to be read again and again: its end is shown with its beginning. */
  huge: boolean;
  lines(range: LineRange): Promise<LinesRead>;
}
const tailLines = 20;

async function answer({ shown, size, room, huge, lines }: Source, askedFrom: number | undefined, askedTo: number | undefined): Promise<Outcome> {
  let [first, last] = [askedFrom ?? 1, askedTo ?? Number.POSITIVE_INFINITY];
  if (first < 0) {
    const { total } = await lines({ from: 1, to: 0, room });
    [first, last] = [Math.max(1, total + first + 1), total]; // the last so many
  }
  if (first > last) [first, last] = [last, first];
  first = Math.max(1, first);
  const whole = first === 1 && last === Number.POSITIVE_INFINITY;
  const got = await lines({ from: first, to: last, room: huge && whole ? Math.floor(room * 0.6) : room });
  const { total } = got;
  const shownTo = got.lines.at(-1)?.number ?? 0;
  const detail = { kind: "read", path: shown, from: first, to: shownTo, total } as const;
  if (total === 0) return { ok: true, text: `${shown} is empty`, detail: { ...detail, from: 0 } };
  if (got.lines.length === 0) return { ok: false, text: `${shown} has ${total} lines; there is no line ${first}`, detail };
  const parts = [got.lines.map(numbered).join("\n")];
  if (huge && whole && shownTo < total) {
    const end = await lines({ from: Math.max(shownTo + 1, total - tailLines + 1), to: total, room: Number.POSITIVE_INFINITY });
    let space = Math.floor(room * 0.3);
    const last = end.lines.findLastIndex((line) => {
      space -= numbered(line).length + 1;
      return space < 0;
    });
    const kept = end.lines.slice(last + 1);
    if (kept.length > 0) parts.push("[...]", kept.map(numbered).join("\n"));
  }
  const notes: string[] = [];
  if (shownTo < Math.min(last, total)) notes.push(`lines ${first}-${shownTo} of ${total}${huge ? `, ${sizeOf(size)}` : ""}; read on with from=${shownTo + 1}`);
  else if (!whole) notes.push(`lines ${first}-${shownTo} of ${total}`);
  if (got.note) notes.push(got.note);
  if (notes.length > 0) parts.push(`[${notes.join("; ")}]`);
  return { ok: true, text: parts.join("\n"), detail };
}

const numbered = ({ number, text }: Line): string => `${number}\t${text}`;

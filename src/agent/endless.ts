// Answers that never end: the same words over and over, or thoughts without a word of text. Watched while they stream.

export type Endless = "repeats" | "thoughts";

const shortest = 40;
const longest = 2_000;
const times = 8;
const sameLines = 12;
/** A line shorter than this repeats in ordinary code and tables. */
const leastLine = 8;
/** Rules, dots and blanks repeat in ordinary text, too: of them it takes this many characters. */
const leastMarks = 2_000;
const stepCharacters = 256;

/** Does the text end in the same chunk of 40 characters or more eight times in a row, or in the same line twelve times? */
export function endsInRepeats(text: string): boolean {
  const end = text.length;
  const most = Math.min(longest, Math.floor(end / times));
  for (let period = shortest; period <= most; period++) {
    let at = end - 1;
    const stop = end - period * times + period;
    while (at >= stop && text.charCodeAt(at) === text.charCodeAt(at - period)) at--;
    if (at >= stop) continue;
    if (/[\p{L}\p{N}]/u.test(text.slice(end - period))) return true;
    if (endsInMarks(text)) return true;
  }
  return sameLineAtEnd(text);
}
const endsInMarks = (text: string): boolean => text.length >= leastMarks && !/[\p{L}\p{N}]/u.test(text.slice(-leastMarks));

function sameLineAtEnd(text: string): boolean {
  // the last line may be half written
  const lines = text
    .slice(-sameLines * 500)
    .split("\n")
    .slice(0, -1)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const last = lines.at(-1);
  if (last === undefined || last.length < leastLine || !/[\p{L}\p{N}]/u.test(last)) return false;
  return lines.length >= sameLines && lines.slice(-sameLines).every((line) => line === last);
}

/** Text up to where it began to repeat itself, the first time included; unchanged where it doesn't. */
export function withoutRepeats(text: string): string {
  for (let period = 1; period <= Math.min(longest, text.length / 3); period++) {
    let at = text.length - 1;
    while (at >= period && text.charCodeAt(at) === text.charCodeAt(at - period)) at--;
    if (text.length - 1 - at >= Math.max(period * 3, shortest * 3)) return text.slice(0, at + 1).trimEnd();
  }
  const lines = text.split("\n");
  const kept = lines.filter((line, at) => line.trim() === "" || line.trim() !== lines[at - 1]?.trim());
  return kept.join("\n").trimEnd();
}

/** Takes the answer as it comes; says once that it is endless. `thoughtMost`: characters of thought before the first word of text. */
export function openEndless(thoughtMost: number): (kind: "text" | "thought", whole: string, textSoFar: boolean) => Endless | null {
  const looked = { text: 0, thought: 0 };
  return (kind, whole, textSoFar) => {
    if (kind === "thought" && !textSoFar && whole.length > thoughtMost) return "thoughts";
    if (whole.length - looked[kind] < stepCharacters) return null;
    looked[kind] = whole.length;
    return endsInRepeats(whole) ? "repeats" : null;
  };
}

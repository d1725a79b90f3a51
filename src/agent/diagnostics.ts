// Of what a linter or a type checker printed, the part that is about certain files. Pure.

/** A line that begins what is said of one file: `src/a.ts:1:2`, `src/a.ts(1,2):`, ` --> src/a.ts:1:2`, `File "a.py", line 1`, or the file alone. */
const fileLine = /^\s*(?:-->\s+|File "|(?:error|warning|info|vet)[:\s]\s*)?((?:\.{0,2}\/)?[\w@+-][^\s:("']*\.\w{1,5})(?=[:(",]|\s|$)/;

export interface About {
  /** Empty when nothing is said of the files. */
  text: string;
  /** It is more than warnings. */
  errors: boolean;
}

/** `output`: plain text. `names`: how it may call the files (relative to the root, to where it ran, absolute). */
export function aboutFiles(output: string, names: readonly string[]): About {
  const wanted = new Set(names.map(plain));
  const kept: string[] = [];
  /** Lines since the last file was named that may belong to the next: `error: ...` over ` --> file`. */
  let head: string[] = [];
  let inside = false;
  for (const line of output.split("\n")) {
    const named = fileLine.exec(line)?.[1];
    if (named !== undefined) {
      inside = wanted.has(plain(named));
      if (inside && /^\s*-->/.test(line)) kept.push(...head);
      head = [];
    } else if (/^(error|warning)\b/i.test(line)) {
      inside = false;
      head = [];
    } else if (inside && isSummary(line)) inside = false;
    if (inside) kept.push(line);
    else head = [...head, line].slice(-3);
  }
  const text = kept
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
  return { text, errors: !isOnlyWarnings(text, output) };
}

const plain = (name: string): string => name.replace(/^\.\//, "");
/** What closes an output: `Found 3 errors.`, `✖ 2 problems`, `npm error ...`. */
const isSummary = (line: string): boolean =>
  /^(\s*[✖✗×]\s+\d+ problems?|found \d+ |checked \d+ |\d+ errors?\b|npm (err|error|notice)|error: process|\s*=+\s*$|make(\[\d+\])?: )/i.test(line);

/** Warnings count where the whole output has nothing worse: the linter was told to fail on them. */
function isOnlyWarnings(text: string, output: string): boolean {
  const says = (part: string, word: RegExp): boolean => part.split("\n").some((line) => word.test(line) && !/\b0 errors?\b/i.test(line));
  return /\bwarning\b/i.test(text) && !says(text, /\berrors?\b/i) && says(output, /\berrors?\b/i);
}

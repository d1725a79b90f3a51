// Text that keeps its beginning and its end and forgets the middle: what a command printed, however much it was.

export interface Capped {
  add(text: string): void;
  /** Everything, or the first and the last half of `limit` characters with a line that says how much is missing. */
  text(): string;
}
/** Holds at most about `limit` characters plus one chunk. */
export function openCapped(limit: number): Capped {
  const half = Math.floor(limit / 2);
  let head = "";
  let tail: string[] = [];
  let tailLength = 0;
  let dropped = 0;
  return {
    add(text) {
      const room = half - head.length;
      if (room > 0) head += text.slice(0, room);
      const rest = text.slice(Math.max(0, room));
      if (rest === "") return;
      tail.push(rest);
      tailLength += rest.length;
      while (tailLength - (tail[0] as string).length > half) {
        const gone = (tail.shift() as string).length;
        tailLength -= gone;
        dropped += gone;
      }
      if (tail.length > 4096) tail = [tail.join("")];
    },
    text() {
      const end = tail.join("");
      const over = Math.max(0, end.length - (limit - half));
      const missing = dropped + over;
      if (missing === 0) return (head + end).toWellFormed();
      return `${head}\n[... ${missing} characters left out ...]\n${end.slice(over)}`.toWellFormed();
    },
  };
}

// From terminal bytes to key events. The only input path of the screen: splash and app share one parser, so nothing typed early is lost.
import { StringDecoder } from "node:string_decoder";

/** `text` is one code point as typed; `paste` is whole, with `\n` line ends and no other control characters than tab. */
export type InputEvent =
  | { type: "text"; text: string }
  | { type: "key"; key: string }
  | { type: "paste"; text: string }
  /** The terminal answered that it speaks the kitty keyboard protocol. */
  | { type: "kitty" };

export interface InputParser {
  /** Any chunking of the same bytes gives the same events (as long as `flush` isn't called between). */
  push(chunk: Uint8Array): InputEvent[];
  /** ms to wait for more before `flush` should decide what an unfinished sequence was; null when nothing is unfinished. */
  patienceMs(): number | null;
  flush(): InputEvent[];
}

const escapePatienceMs = 30;
const sequencePatienceMs = 500;
const maxSequence = 256;
const maxPaste = 16 * 1024 * 1024;
const pasteEnd = "\x1b[201~";

// no R (F3): a cursor position report looks the same
const csiFinal: Record<string, string> = { A: "up", B: "down", C: "right", D: "left", H: "home", F: "end", Z: "tab", P: "f1", Q: "f2", S: "f4", M: "enter" };
const csiTilde: Record<string, string> = { 1: "home", 2: "insert", 3: "delete", 4: "end", 5: "pageup", 6: "pagedown", 7: "home", 8: "end" };
const codeNames: Record<number, string> = { 8: "backspace", 9: "tab", 10: "enter", 13: "enter", 27: "escape", 127: "backspace", 57414: "enter" };
/** The keypad under the kitty protocol: digits and signs, then its arrows. */
const keypadText = "0123456789./*-+";
const keypadKeys = ["left", "right", "up", "down", "pageup", "pagedown", "home", "end", "insert", "delete"];

const key = (name: string): InputEvent => ({ type: "key", key: name });
const text = (char: string): InputEvent => ({ type: "text", text: char });

/** xterm's modifier parameter: 1 + (1 shift, 2 alt, 4 ctrl); the locks above are ignored. */
function modified(name: string, parameter: string | undefined): string {
  const bits = Math.max(0, Number.parseInt(parameter ?? "1", 10) - 1) || 0;
  return `${bits & 4 ? "ctrl-" : ""}${bits & 2 ? "alt-" : ""}${bits & 1 ? "shift-" : ""}${name}`;
}

/** A key told by its code point (CSI u, and xterm's modifyOtherKeys). */
function byCode(code: number, parameter: string | undefined): InputEvent | null {
  const [modifiers, kind] = (parameter ?? "1").split(":");
  if (kind === "3") return null; // a release
  const named = codeNames[code];
  if (named !== undefined) return key(modified(named, modifiers));
  if (code >= 57399 && code < 57399 + keypadText.length) return text(keypadText[code - 57399] as string);
  if (code >= 57417 && code < 57417 + keypadKeys.length) return key(modified(keypadKeys[code - 57417] as string, modifiers));
  if (code < 32 || code > 0x10ffff || (code >= 0xe000 && code <= 0xf8ff) || (code >= 0xd800 && code <= 0xdfff)) return null;
  const char = String.fromCodePoint(code);
  const bits = Math.max(0, Number.parseInt(modifiers ?? "1", 10) - 1) || 0;
  if ((bits & 6) === 0) return text(bits & 1 ? char.toUpperCase() : char);
  if (bits & 4) return key(`ctrl-${bits & 2 ? "alt-" : ""}${char === " " ? "space" : char.toLowerCase()}`);
  return key(`alt-${bits & 1 ? char.toUpperCase() : char}`);
}

function csi(body: string, final: string): InputEvent | null {
  if (final === "u" && /^\?\d*$/.test(body)) return { type: "kitty" };
  if (/[^\d;:]/.test(body)) return null; // replies, mouse, focus: not ours
  const [first, second, third] = body.split(";");
  if (final === "u") return byCode(Number.parseInt(first ?? "", 10) || 0, second);
  if (final === "~") {
    if (first === "27" && third !== undefined) return byCode(Number.parseInt(third, 10) || 0, second);
    const number = Number(first);
    const name = csiTilde[first ?? ""] ?? (number >= 11 && number <= 24 ? `f${number - (number > 22 ? 12 : number > 16 ? 11 : 10)}` : undefined);
    return name === undefined ? null : key(modified(name, second?.split(":")[0]));
  }
  const name = csiFinal[final];
  if (name === undefined || (final === "M" && body !== "")) return null;
  if (final === "Z") return key("shift-tab");
  return second?.endsWith(":3") ? null : key(modified(name, second?.split(":")[0]));
}

function control(char: string): InputEvent | null {
  const code = char.charCodeAt(0);
  if (code === 13) return key("enter");
  if (code === 9) return key("tab");
  if (code === 8 || code === 127) return key("backspace");
  if (code === 0) return key("ctrl-space");
  if (code < 27) return key(`ctrl-${String.fromCharCode(code + 96)}`);
  if (code < 32) return key(`ctrl-${String.fromCharCode(code + 64).toLowerCase()}`);
  return code >= 128 && code < 160 ? null : text(char);
}

/** What `\r` and control characters in a paste become; ends of lines are `\n`. */
export const cleanPaste = (raw: string): string => raw.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");

export function createInputParser(): InputParser {
  const decoder = new StringDecoder("utf8");
  let buffer = "";
  let paste: string[] | null = null;
  let pasted = 0;

  /** Reads one thing at `at`; null when it is unfinished. `event` null: a complete sequence that means nothing here. */
  function read(at: number): { event: InputEvent | null; next: number } | null {
    const char = String.fromCodePoint(buffer.codePointAt(at) ?? 0);
    if (char !== "\x1b") return { event: control(char), next: at + char.length };
    const second = buffer[at + 1];
    if (second === undefined) return null;
    if (second === "\x1b") return { event: key("escape"), next: at + 1 };
    if (second === "[") return sequence(at + 2);
    if (second === "O") {
      const final = buffer[at + 2];
      if (final === undefined) return null;
      return { event: csi("", final), next: at + 3 };
    }
    if (second === "]" || second === "P" || second === "_" || second === "^" || second === "X") return reply(at + 2);
    const plain = String.fromCodePoint(buffer.codePointAt(at + 1) ?? 0);
    const inner = control(plain);
    if (inner?.type === "key") return { event: key(inner.key.startsWith("ctrl-") ? inner.key.replace("ctrl-", "ctrl-alt-") : `alt-${inner.key}`), next: at + 2 };
    return { event: inner ? key(`alt-${plain}`) : null, next: at + 1 + plain.length };
  }

  function sequence(from: number): { event: InputEvent | null; next: number } | null {
    if (buffer[from] === "[") return buffer.length > from + 1 ? { event: null, next: from + 2 } : null; // the Linux console's function keys
    for (let at = from; at < buffer.length; at++) {
      const code = buffer.charCodeAt(at);
      if (code >= 0x40 && code <= 0x7e) {
        const body = buffer.slice(from, at);
        const final = buffer[at] as string;
        if (body === "200" && final === "~") {
          paste = [];
          pasted = 0;
          return { event: null, next: at + 1 };
        }
        return { event: csi(body, final), next: at + 1 };
      }
      if (code < 0x20 || code > 0x7e || at - from > maxSequence) return { event: null, next: at };
    }
    return null;
  }

  /** OSC, DCS and the like: swallowed up to their end. */
  function reply(from: number): { event: null; next: number } | null {
    for (let at = from; at < buffer.length; at++) {
      const char = buffer[at];
      if (char === "\x07") return { event: null, next: at + 1 };
      if (char === "\x1b") {
        if (at + 1 >= buffer.length) return null;
        return { event: null, next: buffer[at + 1] === "\\" ? at + 2 : at };
      }
      if (at - from > 64 * maxSequence) return { event: null, next: at };
    }
    return null;
  }

  function keep(piece: string): void {
    if (pasted < maxPaste) paste?.push(piece.slice(0, maxPaste - pasted));
    pasted += piece.length;
  }

  /** Collects a paste up to its end mark, which may lie across chunks. True when it ended. */
  function collect(events: InputEvent[]): boolean {
    const end = buffer.indexOf(pasteEnd);
    if (end >= 0) {
      keep(buffer.slice(0, end));
      buffer = buffer.slice(end + pasteEnd.length);
      events.push({ type: "paste", text: cleanPaste((paste ?? []).join("")) });
      paste = null;
      return true;
    }
    let tail = Math.min(pasteEnd.length - 1, buffer.length);
    while (tail > 0 && !pasteEnd.startsWith(buffer.slice(-tail))) tail--;
    keep(buffer.slice(0, buffer.length - tail));
    buffer = buffer.slice(buffer.length - tail);
    return false;
  }

  function drain(): InputEvent[] {
    const events: InputEvent[] = [];
    while (buffer !== "") {
      if (paste !== null) {
        if (!collect(events)) break;
        continue;
      }
      let at = 0;
      while (at < buffer.length && paste === null) {
        const one = read(at);
        if (one === null) break;
        if (one.event) events.push(one.event);
        at = one.next;
      }
      buffer = buffer.slice(at);
      if (paste === null) break;
    }
    return events;
  }

  return {
    push(chunk) {
      // a paste whose end got lost would hold the keyboard for ever: Ctrl-C alone ends it
      if (paste !== null && chunk.length === 1 && chunk[0] === 3) {
        keep(buffer);
        buffer = "";
        const whole = cleanPaste(paste.join(""));
        paste = null;
        return [{ type: "paste", text: whole }];
      }
      buffer += decoder.write(chunk as Buffer);
      return drain();
    },
    patienceMs: () => (buffer === "" || paste !== null ? null : buffer === "\x1b" ? escapePatienceMs : sequencePatienceMs),
    flush() {
      if (buffer === "" || paste !== null) return [];
      const left = buffer;
      buffer = "";
      if (left === "\x1b") return [key("escape")];
      return left.length === 2 ? [key(`alt-${left[1]}`)] : []; // Alt-[, Alt-O, Alt-] typed by hand; anything longer was a broken sequence
    },
  };
}

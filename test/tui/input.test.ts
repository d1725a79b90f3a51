// The parser of keys: tables of what terminals send, and that chunking never matters.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createInputParser, type InputEvent } from "../../src/app/tui/input.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const short = (events: InputEvent[]): string[] =>
  events.map((event) => (event.type === "key" ? `<${event.key}>` : event.type === "paste" ? `[${event.text}]` : event.type === "kitty" ? "kitty" : event.text));
const parse = (text: string): string[] => {
  const parser = createInputParser();
  return short([...parser.push(bytes(text)), ...parser.flush()]);
};

describe("keys", () => {
  const table: [sent: string, events: string[]][] = [
    ["a", ["a"]],
    ["xyz\r", ["x", "y", "z", "<enter>"]],
    ["\x7f\x7f\x7f", ["<backspace>", "<backspace>", "<backspace>"]],
    ["ab\x1b[Dc", ["a", "b", "<left>", "c"]],
    ["\n", ["<ctrl-j>"]],
    ["\t\x1b[Z", ["<tab>", "<shift-tab>"]],
    ["\x1b1\x1bz\x1bZ", ["<alt-1>", "<alt-z>", "<alt-Z>"]],
    ["\x1b\r", ["<alt-enter>"]],
    ["\x1b\x7f", ["<alt-backspace>"]],
    ["\x1b", ["<escape>"]],
    ["\x1b\x1b", ["<escape>", "<escape>"]],
    ["\x1b\x1b[A", ["<escape>", "<up>"]],
    ["\x1bOA\x1b[A\x1b[1;5A\x1b[1;3D", ["<up>", "<up>", "<ctrl-up>", "<alt-left>"]],
    ["\x1b[5~\x1b[6~\x1b[H\x1b[F\x1b[1~\x1b[4~\x1bOH\x1b[1;5F", ["<pageup>", "<pagedown>", "<home>", "<end>", "<home>", "<end>", "<home>", "<ctrl-end>"]],
    ["\x1b[3~\x1b[3;5~\x1b[15~\x1bOP", ["<delete>", "<ctrl-delete>", "<f5>", "<f1>"]],
    ["\x03\x1a\x1f\x00", ["<ctrl-c>", "<ctrl-z>", "<ctrl-_>", "<ctrl-space>"]],
    ["\x1b[13;2u\x1b[27u\x1b[99;5u\x1b[122;3u\x1b[97;1:3u", ["<shift-enter>", "<escape>", "<ctrl-c>", "<alt-z>"]],
    ["\x1b[57400u\x1b[57414u\x1b[57419u", ["1", "<enter>", "<up>"]],
    ["\x1b[27;2;13~\x1b[27;5;106~", ["<shift-enter>", "<ctrl-j>"]],
    ["\x1b[?0u", ["kitty"]],
    ["日本é🙂", ["日", "本", "é", "🙂"]],
    ["\x1b[200~one\r\ntwo\rthree\x1b[31m\x1b[201~x", ["[one\ntwo\nthree[31m]", "x"]],
    ["\x1b[<0;3;4Mq", ["q"]],
    ["\x1b[I\x1b[Oq", ["q"]],
    ["\x1b]11;rgb:0000/0000/0000\x07q\x1bP1$r0m\x1b\\w", ["q", "w"]],
    ["\x1b[?1;2cq\x1b[12;40Rw", ["q", "w"]],
    ["\x1b[[Aq", ["q"]],
    ["\x1b[", ["<alt-[>"]],
    ["\x1bO", ["<alt-O>"]],
    ["\x1b[12", []],
  ];
  for (const [sent, events] of table) it(JSON.stringify(sent), () => expect(parse(sent)).toEqual(events));

  it("knows how long to wait", () => {
    const parser = createInputParser();
    expect(parser.patienceMs()).toBeNull();
    parser.push(bytes("\x1b"));
    expect(parser.patienceMs()).toBe(30);
    parser.push(bytes("["));
    expect(parser.patienceMs()).toBe(500);
    expect(short(parser.push(bytes("A")))).toEqual(["<up>"]);
    parser.push(bytes("\x1b[200~half"));
    expect(parser.patienceMs()).toBeNull();
    expect(parser.flush()).toEqual([]);
  });

  it("lets Ctrl-C out of a paste that never ends", () => {
    const parser = createInputParser();
    parser.push(bytes("\x1b[200~lost"));
    expect(short(parser.push(bytes("\x03")))).toEqual(["[lost]"]);
    expect(short(parser.push(bytes("a")))).toEqual(["a"]);
  });
});

describe("chunks", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary", maxLength: 6 }),
    fc.constantFrom(
      "\x1b[A",
      "\x1b[1;5C",
      "\x1b[200~a\nb\x1b[201~",
      "\x1b[200~\x1b[20",
      "\x1b[201~",
      "\x1b",
      "\x1bO",
      "日本",
      "🙂",
      "\x1b[13;2u",
      "\x1b]0;x\x07",
      "\r",
      "\x7f",
      "\x1b[\x1b[B",
      "xyz\r",
    ),
  );
  const whole = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

  it("never change what is understood", () => {
    fc.assert(
      fc.property(whole, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (text, sizes) => {
        const all = bytes(text);
        const one = createInputParser();
        const expected = [...one.push(all), ...one.flush()];
        const many = createInputParser();
        const got: InputEvent[] = [];
        for (let at = 0; at < all.length; ) {
          let size = Number(sizes.next().value);
          // a lone Ctrl-C inside a paste is its emergency exit, and the only thing a chunk's border may decide
          while (at + size < all.length && size === 1 && all[at] === 3) size++;
          if (at + size === all.length - 1 && all.at(-1) === 3) size++;
          got.push(...many.push(all.subarray(at, at + size)));
          at += size;
        }
        got.push(...many.flush());
        expect(got).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("take a paste of 5,000 lines in one piece", () => {
    const text = Array.from({ length: 5000 }, (_, i) => `line ${i}`).join("\n");
    const all = bytes(`\x1b[200~${text}\x1b[201~`);
    const parser = createInputParser();
    const events: InputEvent[] = [];
    for (let at = 0; at < all.length; at += 1024) events.push(...parser.push(all.subarray(at, at + 1024)));
    expect(events).toEqual([{ type: "paste", text }]);
  });
});

// The read tool on real files: ranges, room, encodings, binaries and files too large to load.
import { closeSync, openSync, symlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { read } from "../../src/tools/read.ts";
import { hands, place } from "./hands.ts";

const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");

describe("read", () => {
  it("numbers lines and takes ranges", async () => {
    const { root } = place({ "a.txt": "one\ntwo\r\nthree", "b.txt": lines(100), empty: "" });
    const mine = hands(root);
    expect(await read.execute({ path: "a.txt" }, mine)).toEqual({ ok: true, text: "1\tone\n2\ttwo\n3\tthree", detail: { kind: "read", path: "a.txt", from: 1, to: 3, total: 3 } });
    expect((await read.execute({ path: "b.txt", from: 10, to: 12 }, mine)).text).toBe("10\tline 10\n11\tline 11\n12\tline 12\n[lines 10-12 of 100]");
    expect((await read.execute({ path: "b.txt", from: 99 }, mine)).text).toBe("99\tline 99\n100\tline 100\n[lines 99-100 of 100]");
    expect((await read.execute({ path: "b.txt", from: -2 }, mine)).text).toBe("99\tline 99\n100\tline 100\n[lines 99-100 of 100]");
    expect((await read.execute({ path: "b.txt", from: 3, to: 2 }, mine)).text).toBe("2\tline 2\n3\tline 3\n[lines 2-3 of 100]");
    expect((await read.execute({ path: "b.txt", from: 0, to: 1 }, mine)).text).toBe("1\tline 1\n[lines 1-1 of 100]");
    expect(await read.execute({ path: "b.txt", from: 200 }, mine)).toMatchObject({ ok: false, text: "b.txt has 100 lines; there is no line 200" });
    expect((await read.execute({ path: "empty" }, mine)).text).toBe("empty is empty");
  });

  it("stays in the room and says how to read on", async () => {
    const { root } = place({ "b.txt": lines(5000) });
    const { text, detail } = await read.execute({ path: "b.txt" }, hands(root, { room: 2000 }));
    expect(text.length).toBeLessThanOrEqual(2000);
    const [, to, next] = /\[lines 1-(\d+) of 5000; read on with from=(\d+)\]$/.exec(text) ?? [];
    expect(Number(next)).toBe(Number(to) + 1);
    expect(detail).toMatchObject({ to: Number(to), total: 5000 });
    expect(text).toContain(`\n${to}\tline ${to}\n[`);
  });

  it("cuts long lines and decodes what isn't UTF-8", async () => {
    const { root } = place({
      "long.js": `${"x".repeat(5000)}\nshort\n`,
      "latin.txt": Buffer.from("caf\xe9\n", "latin1"),
      "wide.txt": Buffer.from("\ufeffhéllo\n", "utf16le"),
      "bom.txt": "\ufeffhello\n",
    });
    const mine = hands(root);
    expect((await read.execute({ path: "long.js" }, mine)).text).toBe(`1\t${"x".repeat(2000)} [+3000 characters in this line]\n2\tshort`);
    expect((await read.execute({ path: "latin.txt" }, mine)).text).toBe("1\tcafé\n[the file is not UTF-8: shown as Latin-1]");
    expect((await read.execute({ path: "wide.txt" }, mine)).text).toBe("1\théllo\n[the file is UTF-16LE]");
    expect((await read.execute({ path: "bom.txt" }, mine)).text).toBe("1\thello");
  });

  it("describes binaries, refuses folders, asks for outside", async () => {
    const { root } = place({ "i.png": Buffer.from("89504e470d0a1a0a0000", "hex"), blob: Buffer.from([1, 0, 2]), "d/x": "x" });
    const out = place({ secret: "s\n" });
    symlinkSync(join(out.root, "secret"), join(root, "link"));
    const mine = hands(root);
    expect((await read.execute({ path: "i.png" }, mine)).text).toBe("i.png is a PNG image, 10 bytes: not shown");
    expect((await read.execute({ path: "blob" }, mine)).text).toBe("blob is a binary file, 3 bytes: not shown");
    await expect(read.execute({ path: "d" }, mine)).rejects.toThrow("d is a folder; use list");
    expect(await read.risk({ path: "link" }, mine)).toEqual({ kind: "read", outside: true });
    expect(await read.risk({ path: "i.png" }, mine)).toEqual({ kind: "read", outside: false });
    await expect(read.execute({ path: "link" }, mine)).rejects.toThrow(/outside/);
    expect((await read.execute({ path: "link" }, hands(root, { outside: true }))).text).toBe("1\ts");
  });

  it("streams a file of 100 MB: its beginning, its end, any range, without loading it", async () => {
    const { root } = place({ "one-line.txt": "y".repeat(6 * 1024 * 1024) });
    const line = `${"0123456789".repeat(9)}12345678\n`;
    const block = Buffer.from(line.repeat(10_000));
    const file = openSync(join(root, "huge.log"), "w");
    for (let written = 0; written < 105; written++) writeSync(file, block);
    closeSync(file);
    const mine = hands(root, { room: 4000 });
    const before = process.memoryUsage().rss;
    const { text, detail } = await read.execute({ path: "huge.log" }, mine);
    expect(text.length).toBeLessThanOrEqual(4000);
    expect(text).toMatch(/^1\t0123.*\n\[\.\.\.\]\n.*\n\[lines 1-\d+ of 1050000, 104\.0 MB; read on with from=\d+\]$/s);
    expect(text).toContain("\n1050000\t0123");
    expect(detail).toMatchObject({ total: 1_050_000 });
    expect((await read.execute({ path: "huge.log", from: 700_000, to: 700_000 }, mine)).text).toMatch(/^700000\t0123.*\n\[lines 700000-700000 of 1050000\]$/);
    expect(process.memoryUsage().rss - before).toBeLessThan(60 * 1024 * 1024);
    expect((await read.execute({ path: "one-line.txt" }, mine)).text).toMatch(/^1\ty{2000} \[\+6289456 characters in this line\]$/);
    const stop = new AbortController();
    const reading = read.execute({ path: "huge.log" }, hands(root, { signal: stop.signal }));
    stop.abort();
    await expect(reading).rejects.toThrow();
  });
});

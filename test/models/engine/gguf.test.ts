// The head of a GGUF file: what is read out of a whole one, and how damaged ones are refused.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { AuraError } from "../../../src/core/error.ts";
import { readGguf } from "../../../src/models/engine/gguf.ts";
import { ggufBytes, long, writeGguf } from "./made.ts";

const folder = mkdtempSync(join(tmpdir(), "aura-gguf-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (bytes: Buffer): string => {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.gguf`);
  writeFileSync(path, bytes);
  return path;
};
const fault = (path: string): AuraError => {
  try {
    readGguf(path);
  } catch (error) {
    if (error instanceof AuraError) return error;
    throw error;
  }
  throw new Error("it was read");
};

describe("a GGUF file's head", () => {
  it("gives its keys, long lists left out", () => {
    const tokens = Array.from({ length: 5000 }, (_, at) => `token ${at}`);
    const info = { "general.architecture": "qwen3", "qwen3.context_length": 40960, "general.sampling.temp": 0.5, tokens, big: 2n ** 40n, yes: true, few: ["a", "b"], last: "é" };
    const path = writeGguf(join(folder, "whole.gguf"), info);
    expect(readGguf(path).info).toEqual({ ...info, tokens: null, big: 2 ** 40 });
    expect(readGguf(path).bytes).toBe(ggufBytes(info).length);
  });

  it.each([
    ["text", Buffer.from("hello, I am not a model at all"), "is not a GGUF file"],
    ["nothing", Buffer.alloc(0), "is not a GGUF file"],
    ["an old version", ggufBytes({}, { version: 1 }), "of version 1"],
    ["more keys than there can be", ggufBytes({}, { keys: 2n ** 60n }), "is damaged"],
    ["more tensors than there can be", ggufBytes({}, { tensors: 10_000_000 }), "is damaged"],
    ["keys that don't come", ggufBytes({ a: 1 }, { keys: 3 }), "is damaged"],
    ["a key longer than the file", Buffer.concat([ggufBytes({}, { keys: 1 }), long(2n ** 50n)]), "is damaged"],
  ])("refuses %s", (_, bytes, words) => {
    const error = fault(file(bytes));
    expect(error).toMatchObject({ code: "model.file", exit: 3 });
    expect(error.message).toContain(words);
    expect(error.hint).toBeDefined();
  });

  it("says that there is no file, and that a folder is none", () => {
    expect(fault(join(folder, "missing.gguf"))).toMatchObject({ code: "model.none", exit: 3 });
    expect(fault(folder).message).toContain("is not a file");
  });

  it("never hangs, crashes or throws anything else on damaged bytes", () => {
    const whole = ggufBytes({ "general.architecture": "llama", list: ["a", "bb", "ccc"], number: 7, flag: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }), fc.nat(whole.length), (changes, length) => {
        const bytes = Buffer.from(whole.subarray(0, length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const path = join(folder, "fuzzed.gguf");
        writeFileSync(path, bytes);
        try {
          readGguf(path);
        } catch (error) {
          expect(error).toBeInstanceOf(AuraError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

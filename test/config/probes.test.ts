// What probes found out, on disk: by model and server, for this person's eyes, and never in the way when it is broken.
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPaths, type Paths } from "../../src/config/paths.ts";
import { readProbe, saveProbe, serverKey, withProbes } from "../../src/config/probes.ts";
import type { ModelId, ModelLine } from "../../src/core/events.ts";
import { setNoteSink } from "../../src/core/note.ts";
import type { Probed } from "../../src/core/probed.ts";

let home = "";
let paths: Paths;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "aura-probes-"));
  paths = findPaths({ AURA_HOME: home });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
const probed = (more: Partial<Probed> = {}): Probed => ({
  v: 1,
  model: "ollama/a:1b" as ModelId,
  url: "http://127.0.0.1:11434",
  at: 1,
  context: 4096,
  calls: "text",
  parallel: false,
  schema: true,
  forced: false,
  thinks: false,
  edits: { replace: { landed: 1, tried: 2 }, whole: { landed: 0, tried: 0 } },
  form: "replace",
  profile: "nano",
  readPerS: 120.5,
  writePerS: null,
  ...more,
});
const only = (): string => join(home, "state", "probes", readdirSync(join(home, "state", "probes"))[0] ?? "");

describe("a probe's result", () => {
  it("comes back for the same model and server, by any of its names, and no other", () => {
    saveProbe(paths, probed());
    for (const url of ["http://127.0.0.1:11434", "http://localhost:11434/", "http://[::1]:11434/v1", "http://127.0.0.1:11434/api"])
      expect(readProbe(paths, "ollama/a:1b", url), url).toEqual(probed());
    expect(readProbe(paths, "ollama/a:2b", "http://127.0.0.1:11434")).toBeNull();
    expect(readProbe(paths, "ollama/a:1b", "http://127.0.0.1:11435")).toBeNull();
    saveProbe(paths, probed({ model: "ollama/b" as ModelId }));
    expect(readProbe(paths, "ollama/b:latest", probed().url)?.model).toBe("ollama/b");
    expect(serverKey("not a url")).toBe("not a url");
  });

  it("is replaced by the next, and readable by its owner alone", () => {
    saveProbe(paths, probed());
    saveProbe(paths, probed({ calls: "native" }));
    expect(readdirSync(join(home, "state", "probes"))).toHaveLength(1);
    expect(readProbe(paths, "ollama/a:1b", probed().url)?.calls).toBe("native");
    expect(statSync(only()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, "state", "probes")).mode & 0o777).toBe(0o700);
  });

  it("is ignored with a note when it is broken, foreign or of another version", () => {
    saveProbe(paths, probed());
    const notes: string[] = [];
    setNoteSink(({ what }) => notes.push(what));
    for (const text of [
      "",
      "{",
      "[]",
      JSON.stringify({ ...probed(), v: 2 }),
      JSON.stringify({ ...probed(), calls: "maybe" }),
      JSON.stringify(probed({ model: "ollama/b" as ModelId })),
    ]) {
      writeFileSync(only(), text);
      expect(readProbe(paths, "ollama/a:1b", probed().url), text).toBeNull();
    }
    setNoteSink(null);
    expect(notes).toHaveLength(6);
  });

  it("stands beside its model in a list", () => {
    saveProbe(paths, probed());
    const line = (name: string): ModelLine => ({
      id: `ollama/${name}` as ModelId,
      url: "http://127.0.0.1:11434",
      name,
      sizeBytes: null,
      trainedContext: null,
      runningContext: null,
      capabilities: [],
      loaded: false,
      refused: null,
    });
    expect(withProbes(paths, [line("a:1b"), line("b")]).map((one) => one.probed?.calls)).toEqual(["text", undefined]);
  });
});

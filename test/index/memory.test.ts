// What search finds on small crafted repositories, and why; and that files that come and go leave no trace in the ranking.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openInverted } from "../../src/index/inverted.ts";
import { openMemory, type SearchMemory } from "../../src/index/memory.ts";
import { queryOf } from "../../src/index/query.ts";
import type { CommitRow, Read } from "../../src/index/records.ts";
import { countsOf, partsOf, stemOf, wordsOf } from "../../src/index/words.ts";

describe("words", () => {
  it.each([
    ["getHTTPResponseCode", ["get", "http", "response", "code"]],
    ["parse_http2_header", ["parse", "http", "2", "header"]],
    ["XMLHttpRequest", ["xml", "http", "request"]],
    ["__init__", ["init"]],
    ["größeÄndern", ["größe", "ändern"]],
  ])("%s has the parts %j", (name, parts) => expect(partsOf(name)).toEqual(parts));
  it.each([
    ["parses", "pars"],
    ["parsed", "pars"],
    ["parsing", "pars"],
    ["parse", "pars"],
    ["entries", "entry"],
    ["running", "run"],
    ["class", "class"],
    ["status", "status"],
    ["bus", "bus"],
  ])("%s and its kin are %s", (word, stem) => expect(stemOf(word)).toBe(stem));
  it("keeps the whole of an identifier beside its parts, and leaves out what says nothing", () => {
    expect(wordsOf("the cartTotal of it")).toEqual(["cart", "total", "=carttotal"]);
  });
});

describe("a query", () => {
  it.each([
    ["parse the header", "words"],
    ['"as it stands"', "text"],
    ["/a.*b/", "pattern"],
    ["foo(bar)", "text"],
    ["std::vector", "text"],
    ["what does f() do when it fails", "words"],
    ["cartTotal", "words"],
  ])("%s is %s", (typed, kind) => expect(queryOf(typed).kind).toBe(kind));
});

interface Small {
  text?: string;
  defines?: readonly string[];
  uses?: readonly string[];
  imports?: readonly string[];
}
function read(path: string, { text = "", defines = [], uses = [], imports = [] }: Small): Read {
  const test = /test/.test(path);
  return {
    file: {
      path,
      size: 1,
      mtime: 1,
      hash: "",
      language: "typescript",
      lines: 10,
      skipped: "",
      generated: false,
      vendored: false,
      test,
      prose: path.endsWith(".md"),
      uses: uses.map((name) => `${name} 1`).join("\n"),
    },
    chunks: [{ path, line: 1, endLine: 10, symbol: defines[0] ?? "", words: wordsOf(`${text} ${defines.join(" ")}`).join(" ") }],
    symbols: defines.map((name) => ({ path, name, kind: "function", container: "", line: 3, endLine: 5, signature: name, doc: "", exported: true, test: false })),
    references: [],
    imports: imports.map((module) => ({ path, module, names: "", line: 1, child: false })),
  };
}
function memoryOf(files: Record<string, Small>, commits: CommitRow[] = []): SearchMemory {
  const memory = openMemory();
  for (const [path, small] of Object.entries(files)) memory.put(read(path, small));
  memory.history(commits);
  return memory;
}
const commit = (message: string, ...paths: string[]): CommitRow => ({ hash: message, time: 1_000_000, message, paths: paths.join("\n") });
const noise: Record<string, Small> = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`src/other${at}.ts`, { text: `something else ${at}` }]));
const first = async (memory: SearchMemory, words: string, inPlay: string[] = []) => (await memory.search({ root: "/nowhere", words, limit: 5, inPlay }))[0];

describe("why a file is found", () => {
  it("by its text", async () => {
    const found = await first(memoryOf({ ...noise, "src/a.ts": { text: "the header is parsed here" } }), "parse headers");
    expect(found).toMatchObject({ path: "src/a.ts", score: 1, why: expect.arrayContaining(["text: parse headers"]) });
  });
  it("by its path", async () =>
    expect(await first(memoryOf({ ...noise, "src/billing/refund.ts": {} }), "refund billing")).toMatchObject({ path: "src/billing/refund.ts", why: ["path: refund billing"] }));
  it("by what it defines, in any spelling", async () => {
    const memory = memoryOf({ ...noise, "src/a.ts": { defines: ["getHTTPResponseCode"] } });
    expect(await first(memory, "http response code")).toMatchObject({ path: "src/a.ts", symbol: "getHTTPResponseCode" });
    expect((await first(memory, "gethttpresponsecode"))?.why).toContain("defines that very name");
  });
  it("by the commits that changed it, words that it doesn't hold included", async () => {
    const memory = memoryOf({ ...noise, "src/a.ts": { text: "x" } }, [commit("Fix flickering on slow terminals", "src/a.ts"), commit("Something else", "src/other1.ts")]);
    expect(await first(memory, "flickering terminals")).toMatchObject({ path: "src/a.ts", why: expect.arrayContaining(["earlier commits like it changed this file"]) });
  });
  it("by its test", async () => {
    const found = await memoryOf({ ...noise, "src/cart.ts": { text: "x" }, "test/cart.test.ts": { text: "rounds half a cent up" } }).search({
      root: "/",
      words: "rounds half a cent up",
      limit: 3,
      inPlay: [],
    });
    expect(found.find(({ path }) => path === "src/cart.ts")?.why).toContain("its test reads like it");
  });
  it("by what changes with it, and by who uses it", async () => {
    const memory = memoryOf({ ...noise, "src/a.ts": { text: "zebra crossing", defines: ["crossZebra"] }, "src/b.ts": { uses: ["crossZebra"] }, "src/c.ts": {} }, [
      commit("one", "src/a.ts", "src/c.ts"),
    ]);
    const found = await memory.search({ root: "/", words: "zebra crossing", limit: 5, inPlay: [] });
    expect(found[0]?.path).toBe("src/a.ts");
    expect(found.find(({ path }) => path === "src/b.ts")?.why).toContain("used by, or uses, the best");
    expect(found.find(({ path }) => path === "src/c.ts")?.why).toContain("changes together with the best");
  });
  it("by an import", async () => {
    const memory = memoryOf({ ...noise, "src/a.ts": { text: "zebra crossing" }, "src/b.ts": { imports: ["./a"] } });
    expect((await memory.search({ root: "/", words: "zebra crossing", limit: 5, inPlay: [] })).map(({ path }) => path)).toEqual(["src/a.ts", "src/b.ts"]);
  });
  it("sooner when it is in play, and later when it is a test, prose or generated", async () => {
    const memory = memoryOf({
      "src/a.ts": { text: "zebra crossing" },
      "src/b.ts": { text: "zebra crossing" },
      "test/t.test.ts": { text: "zebra crossing" },
      "doc.md": { text: "zebra crossing" },
    });
    expect((await first(memory, "zebra crossing", ["src/b.ts"]))?.path).toBe("src/b.ts");
    const order = memory.rank("zebra crossing").map(({ path }) => path);
    expect(order.slice(0, 2).sort()).toEqual(["src/a.ts", "src/b.ts"]);
    expect(memory.rank("test of the zebra crossing")[0]?.path).toBe("test/t.test.ts");
  });
  it("not at all where nothing speaks for it", () => expect(memoryOf(noise).rank("zebra")).toEqual([]));
});

it("ranks as an index built anew does, whatever files came and went", () => {
  const small = fc.record({
    text: fc.constantFrom("zebra", "zebra crossing", "crossing the road", "", "road road zebra"),
    defines: fc.constantFrom([], ["zebraRoad"], ["cross"]),
    uses: fc.constantFrom([], ["cross"]),
  });
  const step = fc.tuple(fc.constantFrom("a.ts", "b.ts", "lib/c.ts", "lib/d.ts"), fc.option(small));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const kept = openMemory();
      const now = new Map<string, Small>();
      for (const [path, what] of steps) {
        if (what) {
          kept.put(read(path, what));
          now.set(path, what);
        } else {
          kept.remove(path);
          now.delete(path);
        }
      }
      const anew = memoryOf(Object.fromEntries(now));
      // sums in another order differ in their last digits
      const scores = (memory: SearchMemory): [string, number][] =>
        memory
          .rank("zebra crossing on the road")
          .map(({ path, score }): [string, number] => [path, Math.round(score * 1e6)])
          .sort();
      expect(scores(kept)).toEqual(scores(anew));
      expect(kept.counts).toEqual(anew.counts);
    }),
    { numRuns: 200 },
  );
});

it("scores with BM25: rare words and short texts count for more, repeating one soon stops helping", () => {
  const index = openInverted();
  const slots = ["rare common", "common", "common ".repeat(50), "common filler filler filler filler"].map((text) => index.add(countsOf(text.split(" ").filter(Boolean))));
  const scores = index.score(
    new Map([
      ["common", 1],
      ["rare", 1],
    ]),
    1.2,
    0.75,
  );
  expect(index.idf("rare")).toBeGreaterThan(index.idf("common"));
  expect(scores[slots[0] as number]).toBeGreaterThan(scores[slots[1] as number] as number);
  expect(scores[slots[1] as number]).toBeGreaterThan(scores[slots[3] as number] as number);
});

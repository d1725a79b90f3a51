// Go: go.mod and go test, plain, verbose or through gotestsum.
import { isPath, type Language, lastAt, quoted, type ReportParser, sum } from "./language.ts";
import { resolveGo } from "./resolve.ts";

const noise = /^(go: downloading |ok\s{2,}|\?\s+\S|PASS$|=== (RUN|PAUSE|CONT|NAME)\b|\s*--- (PASS|SKIP):|coverage:|PASS\s+\S+)/;
const withoutNoise = (output: string): string =>
  output
    .split("\n")
    .filter((line) => !noise.test(line))
    .join("\n")
    .trim();

const fewLines = 40;
/**
 * A failing package prints what its passing tests printed too. Of much output only the failures' own blocks are kept: a test with its
 * indented lines, a panic with its stack, compiler errors, a data race.
 */
function failuresOf(output: string): string {
  const lines = withoutNoise(output).split("\n");
  // verbose runs print a test's words before its verdict: there is no telling whose they are
  if (lines.length <= fewLines || /^=== RUN\b/m.test(output)) return lines.join("\n");
  const kept: string[] = [];
  let block: RegExp | null = null;
  for (const line of lines) {
    if (block?.test(line)) block = null;
    if (/^\s*--- FAIL: /.test(line)) block = /^\S/;
    else if (/^(panic|fatal error): |^# |^WARNING: DATA RACE|^exit status|^signal: /.test(line)) block = /^(FAIL|ok)\s|^\?\s|^={18}$/;
    if (block || /^FAIL\t/.test(line)) kept.push(line);
  }
  if (!kept.some((line) => !/^FAIL\t/.test(line))) return lines.join("\n");
  const left = lines.length - kept.length;
  return left > 0 ? `${kept.join("\n")}\n[${left} lines that the tests printed left out]` : kept.join("\n");
}

const goTest: ReportParser = (output) => {
  const packages = /^(?:ok\s+\S+\s+(?:[\d.]+s|\(cached\))|FAIL\s+\S+\s+(?:[\d.]+s|\[(?:build|setup) failed\])|\?\s+\S+\s+\[no test files\])/gm;
  const at = Math.max(lastAt(output, packages), lastAt(output, /^--- (PASS|FAIL|SKIP): /gm));
  if (at === -1) return null;
  const count = (pattern: RegExp): number => output.match(pattern)?.length ?? 0;
  const unbuilt = count(/^FAIL\s+\S+\s+\[(build|setup) failed\]/gm);
  const failing = count(/^--- FAIL: /gm) + unbuilt;
  const failed = failing > 0 ? failing : count(/^FAIL\s+\S+\s+[\d.]+s/gm);
  const verbose = /^=== RUN\b/m.test(output) || /^--- PASS: /m.test(output);
  const ran = count(/^ok\s+(?!.*\[no tests to run\])/gm);
  if (failed === 0 && ran === 0 && !verbose) return { passed: 0, failed: 0, failures: "", at };
  return { passed: verbose ? count(/^--- PASS: /gm) : null, failed, failures: failed > 0 ? failuresOf(output) : "", at };
};

const gotestsum: ReportParser = (output) => {
  const at = lastAt(output, /^DONE \d+ tests?\b.* in /gm);
  if (at === -1) return null;
  const of = (what: string): number => sum(output, new RegExp(`^DONE .*?(\\d+) ${what}s?\\b.* in `, "gm")) ?? 0;
  const failed = of("failure") + of("error");
  return {
    passed: of("test") - of("failure") - of("skipped"),
    failed,
    failures: failed > 0 ? withoutNoise(output.slice(Math.max(0, output.search(/^=== (Failed|Errors)/m)))) : "",
    at: at + 1,
  };
};

export const go: Language = {
  name: "go",
  extensions: [".go"],
  grammar: "go",
  manifests: ["go.mod", "go.work"],
  toolchain: "go",
  comment: { line: "//", block: ["/*", "*/"] },
  async testCommand(folder) {
    if (!folder.names.has("go.mod")) return null;
    return {
      command: "go test ./...",
      narrow(filter) {
        if (!isPath(filter)) return `go test ./... -run ${quoted(filter)}`;
        const place = filter
          .replace(/^\.\//, "")
          .replace(/(^|\/)[^/]*\.go$/, "")
          .replace(/\/$/, "");
        return `go test ${quoted(place === "" ? "." : `./${place}`)}`;
      },
    };
  },
  reports: [gotestsum, goTest],
  async checks(folder, changed) {
    if (!folder.names.has("go.mod")) return [];
    const packages = new Set(changed.map((path) => quoted(path.includes("/") ? `./${path.slice(0, path.lastIndexOf("/"))}` : ".")));
    const places = changed.length === 0 ? "./..." : [...packages].join(" ");
    const hasGolangci = [...folder.names].some((name) => /^\.golangci\.(ya?ml|toml|json)$/.test(name));
    return [{ command: `go vet ${places}` }, ...(hasGolangci ? [{ command: `golangci-lint run ${places}` }] : [])];
  },
  code: { resolve: resolveGo, exported: (name) => /^\p{Lu}/u.test(name), isTest: (name, kind) => kind === "function" && /^(Test|Benchmark|Fuzz|Example)(\P{Ll}|$)/u.test(name) },
};

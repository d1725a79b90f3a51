// Go: go.mod and go test, plain, verbose or through gotestsum.
import { isPath, type Language, lastAt, quoted, type ReportParser, sum } from "./language.ts";

const noise = /^(ok\s{2,}|\?\s+\S|PASS$|=== (RUN|PAUSE|CONT|NAME)\b|\s*--- (PASS|SKIP):|coverage:|PASS\s+\S+)/;
const withoutNoise = (output: string): string =>
  output
    .split("\n")
    .filter((line) => !noise.test(line))
    .join("\n")
    .trim();

const goTest: ReportParser = (output) => {
  const packages = /^(?:ok\s+\S+\s+(?:[\d.]+s|\(cached\))|FAIL\s+\S+\s+(?:[\d.]+s|\[(?:build|setup) failed\])|\?\s+\S+\s+\[no test files\])/gm;
  const at = Math.max(lastAt(output, packages), lastAt(output, /^--- (PASS|FAIL|SKIP): /gm));
  if (at === -1) return null;
  const count = (pattern: RegExp): number => output.match(pattern)?.length ?? 0;
  const unbuilt = count(/^FAIL\s+\S+\s+\[(build|setup) failed\]/gm);
  const failing = count(/^--- FAIL: /gm) + unbuilt;
  const failed = failing > 0 ? failing : count(/^FAIL\s+\S+\s+[\d.]+s/gm);
  const verbose = /^=== RUN\b/m.test(output) || /^--- PASS: /m.test(output);
  return { passed: verbose ? count(/^--- PASS: /gm) : null, failed, failures: failed > 0 ? withoutNoise(output) : "", at };
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
};

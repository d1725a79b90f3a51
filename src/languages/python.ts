// Python: pytest where the project knows it, unittest, Django's or tox's runner where not.
import { between, type Check, type Folder, isPath, type Language, lastAt, quoted, type ReportParser, sum, type TestCommand } from "./language.ts";
import { resolvePython } from "./resolve.ts";

const testFile = /^(test_.*|.*_test)\.py$/;

/** Texts that say which runner the project uses. */
async function settings(folder: Folder): Promise<string> {
  const names = ["pyproject.toml", "setup.cfg", "tox.ini", "setup.py", ...[...folder.names].filter((name) => /^requirements.*\.txt$/.test(name))];
  const texts = await Promise.all(names.filter((name) => folder.names.has(name)).map((name) => folder.text(name)));
  return texts.filter((text) => text !== null).join("\n");
}

async function firstTest(folder: Folder): Promise<string | null> {
  const own = [...folder.names].find((name) => testFile.test(name));
  if (own) return await folder.text(own);
  for (const below of ["tests", "test"]) {
    const name = (await folder.list(below)).find((entry) => testFile.test(entry));
    if (name) return (await folder.text(`${below}/${name}`)) ?? "";
  }
  return null;
}

function interpreter(folder: Folder): string {
  if (folder.names.has("poetry.lock")) return "poetry run python";
  for (const place of [".venv", "venv"]) if (folder.names.has(`${place}/`)) return `${place}/bin/python`;
  return "python3";
}

async function testCommand(folder: Folder): Promise<TestCommand | null> {
  const known = await settings(folder);
  const sample = await firstTest(folder);
  const marked = folder.names.has("pytest.ini") || folder.names.has("conftest.py") || /^\[(tool\.pytest|tool:pytest|pytest)/m.test(known);
  if (!marked && sample === null && !/\bpytest\b/.test(known) && !folder.names.has("manage.py") && !folder.names.has("tox.ini")) return null;
  const python = interpreter(folder);
  const usesPytest = marked || /\bpytest\b/.test(known) || (sample !== null && /^\s*(import|from) pytest\b/m.test(sample));
  if (!usesPytest && folder.names.has("manage.py")) {
    const command = `${python} manage.py test`;
    return { command, narrow: (filter) => (isPath(filter) ? `${command} ${quoted(filter)}` : `${command} -k ${quoted(filter)}`) };
  }
  if (!usesPytest && sample !== null && /\bunittest\b/.test(sample)) {
    const inTests = !([...folder.names].some((name) => testFile.test(name)) || (await folder.list("tests")).includes("__init__.py"));
    const command = `${python} -m unittest${inTests ? " discover -s tests -t ." : ""}`;
    return { command, narrow: (filter) => (isPath(filter) ? `${python} -m unittest ${quoted(filter)}` : `${command} -k ${quoted(filter)}`) };
  }
  if (!usesPytest && sample === null) return folder.names.has("tox.ini") ? { command: "tox", narrow: (filter) => `tox -- ${quoted(filter)}` } : null;
  const command = `${python} -m pytest`;
  return { command, narrow: (filter) => (isPath(filter) || filter.includes("::") ? `${command} ${quoted(filter)}` : `${command} -k ${quoted(filter)}`) };
}

/** Linters and type checkers that a file of the project configures; the one of its own environment where there is one. */
async function checks(folder: Folder, changed: readonly string[]): Promise<Check[]> {
  const texts = new Map<string, string>();
  for (const name of ["pyproject.toml", "setup.cfg", "tox.ini"]) if (folder.names.has(name)) texts.set(name, (await folder.text(name)) ?? "");
  const asks = (tool: string, files: readonly string[]): boolean =>
    files.some((name) => folder.names.has(name)) ||
    [...texts].some(([name, text]) => new RegExp(`^\\[${name === "pyproject.toml" ? `tool\\.${tool}[\\].]` : `${tool}\\]`}`, "m").test(text));
  const python = interpreter(folder);
  const environment = /^(\.?venv)\/bin\/python$/.exec(python)?.[1];
  const own = new Set(environment ? await folder.list(`${environment}/bin`) : []);
  const run = (tool: string): string => (own.has(tool) ? `${environment}/bin/${tool}` : python.startsWith("poetry") ? `poetry run ${tool}` : tool);
  const files = changed.length === 0 ? "." : changed.map(quoted).join(" ");
  const found: Check[] = [];
  if (asks("ruff", ["ruff.toml", ".ruff.toml"]))
    found.push({ command: `${run("ruff")} check ${changed.length === 0 ? files : `--no-fix --force-exclude --output-format concise ${files}`}` });
  else if (asks("flake8", [".flake8"])) found.push({ command: `${run("flake8")} ${files}` });
  // where the configuration says what to look at, that is more than a list of files
  if (asks("mypy", ["mypy.ini", ".mypy.ini"])) {
    const all = [...texts.values(), (await folder.text("mypy.ini")) ?? "", (await folder.text(".mypy.ini")) ?? ""].some((text) => /^(files|packages|modules)\s*=/m.test(text));
    found.push({ command: all ? run("mypy") : `${run("mypy")} ${files}` });
  } else if (asks("pyright", ["pyrightconfig.json"])) found.push({ command: `${run("pyright")} ${changed.length === 0 ? "" : files}`.trim() });
  return found;
}

const summary =
  /^(?:=+ )?((?:\d+ (?:failed|passed|skipped|deselected|xfailed|xpassed|warnings?|errors?|rerun|subtests passed|subtests failed)(?:, )?)+|no tests ran|no tests collected)(?:, \d+ [a-z]+)* in [\d.]+s/gm;
const fewFailures = 10;
/** The closing list of names repeats what the failures above it say; it is worth its room where those are so many that they get cut. */
function failuresOf(output: string, failed: number): string {
  const all = between(output, /^=+ (ERRORS|FAILURES) =+/m);
  const at = all.search(/^=+ short test summary info =+$/m);
  return at > 0 && failed <= fewFailures ? all.slice(0, at).trim() : all;
}
const pytest: ReportParser = (output) => {
  const lines = [...output.matchAll(summary)];
  const last = lines.at(-1);
  if (!last) return null;
  const told = lines.map((line) => line[1] ?? "").join("\n");
  const failed = (sum(told, /(\d+) failed/g) ?? 0) + (sum(told, /(\d+) errors?/g) ?? 0);
  const passed = sum(told, /(\d+) passed/g) ?? 0;
  return { passed, failed, failures: failed > 0 ? failuresOf(output, failed) : "", at: last.index };
};

const unittest: ReportParser = (output) => {
  const ran = sum(output, /^Ran (\d+) tests? in /gm);
  if (ran === null) return null;
  const bad = (sum(output, /^FAILED \(.*?failures=(\d+)/gm) ?? 0) + (sum(output, /^FAILED \(.*?errors=(\d+)/gm) ?? 0);
  const skipped = sum(output, /^(?:OK|FAILED) \(.*?skipped=(\d+)/gm) ?? 0;
  return { passed: Math.max(0, ran - bad - skipped), failed: bad, failures: between(output, /^={60,}$/m, /^Ran \d+ tests?/m), at: lastAt(output, /^Ran \d+ tests? in /gm) };
};

export const python: Language = {
  name: "python",
  extensions: [".py", ".pyi"],
  grammar: "python",
  manifests: ["pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "pytest.ini", "tox.ini", "Pipfile", "manage.py"],
  toolchain: "python3",
  comment: { line: "#" },
  testCommand,
  reports: [pytest, unittest],
  checks,
  code: {
    resolve: resolvePython,
    docstring: true,
    exported: (name) => !/^_(?!_)/.test(name),
    isTest: (name, kind) => (kind === "function" || kind === "method" ? /^test(_|$)/.test(name) : kind === "class" && /^Test/.test(name)),
  },
};

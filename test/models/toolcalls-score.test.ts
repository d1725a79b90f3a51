// `npm run score -- toolcalls`: answers in, one list out, and an invented call is called by its name; from wherever it is called.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "score-"));
afterAll(() => rmSync(folder, { recursive: true }));
const script = join(import.meta.dirname, "..", "..", "scripts", "score.mjs");
const score = (...args: string[]) => spawnSync(process.execPath, [script, "toolcalls", ...args], { encoding: "utf8", cwd: tmpdir(), env: { ...process.env, INIT_CWD: folder } });

const call = '<tool_call>{"name": "f", "arguments": {"x": 1}}</tool_call>';
const rest = { source: "us", dialect: "hermes", path: "x", test: "t", oracle: "o", malformed: false, chunks: null, tools: [] };
const cases = [
  { ...rest, id: "1", text: `I look.\n${call}`, expect: { content: "I look.", reasoning: "", tool_calls: [{ name: "f", arguments: { x: 1 } }] } },
  { ...rest, id: "2", text: call, chunks: [call.slice(0, 5), call.slice(5)], expect: { content: null, reasoning: null, tool_calls: [{ name: "f", arguments: { x: 2 } }] } },
  { ...rest, id: "3", text: call, expect: { content: "", reasoning: "", tool_calls: [] } },
  { ...rest, id: "4", text: "<think>Hm.</think>Done.", expect: { content: "Done.", reasoning: "Hm.", tool_calls: [] } },
  { ...rest, id: "5", text: "<think>Hm.</think>Done.", scope: "tools", expect: { content: "<think>Hm.</think>Done.", reasoning: "", tool_calls: [] } },
  { ...rest, id: "6", text: 5 },
];

it("scores a file of answers", () => {
  writeFileSync(join(folder, "cases.json"), JSON.stringify(cases));
  const listed = JSON.parse(score("cases.json", "--json").stdout) as { id: string; got: unknown; pass: boolean; why: string }[];
  expect(listed.map(({ id, pass }) => [id, pass])).toEqual(cases.map(({ id }) => [id, ["1", "4", "5"].includes(id)]));
  expect(listed[0]).toEqual({ id: "1", got: { content: "I look.\n", reasoning: "", tool_calls: [{ name: "f", arguments: { x: 1 } }] }, pass: true, why: "as expected" });
  expect(listed[2]?.why).toMatch(/^INVENTED/);
  expect(listed[5]?.why).toMatch(/^not a case of this suite/);
  const { stdout, status } = score("cases.json");
  expect(stdout).toContain("invented calls on well-formed: 1");
  expect(status).toBe(0);
});

it("says what is wrong with how it was called", () => {
  expect(score("nothing.json")).toMatchObject({ status: 2, stderr: `${join(folder, "nothing.json")}: there is no such file\n` });
  expect(score("cases.json", "--xml").stderr).toMatch(/^usage: /);
  writeFileSync(join(folder, "odd.json"), "{}");
  expect(score("odd.json").stderr).toMatch(/isn't a JSON list of cases/);
  expect(score().status).toBe(2);
});

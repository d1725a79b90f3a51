// What "always" remembers: enough to be of use, never a program that runs anything it is given.
import { expect, it } from "vitest";
import { commandKey } from "../../src/core/approve.ts";

it.each([
  ["npm test -- a.test.ts", "npm test"],
  ["npm run lint", "npm run lint"],
  ["go vet ./...", "go vet"],
  ["make", "make"],
  ["ruff check .", "ruff"],
  ["python3 -m pytest -k zero", "python3 -m pytest"],
  [".venv/bin/python -m pytest", ".venv/bin/python -m pytest"],
  [".venv/bin/python3.12 tool.py --fast", ".venv/bin/python3.12 tool.py"],
  ["/usr/bin/git status", "/usr/bin/git status"],
])("%s: %s", (command, key) => {
  expect(commandKey(command)).toBe(key);
});

it.each([
  ".venv/bin/python -c pass",
  "python3 -m",
  "python3.12 -",
  "/bin/bash x.sh",
  "bash x.sh",
  "/usr/bin/env node",
  "node -e 1",
  "perl -e 1",
  "npm test && rm x",
  "A=1 npm test",
  "npm test 'a'",
  "echo $(x)",
  "",
])("never %s", (command) => {
  expect(commandKey(command)).toBeNull();
});

// docs/pains.md names the tests that show what it says: each of them exists, under exactly that name.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const rows = readFileSync(join(root, "docs/pains.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "").trim()));

it("numbers all thirty pains", () => {
  expect(rows.map(([number]) => number)).toEqual(Array.from({ length: 30 }, (_, i) => String(i + 1)));
});

it.each(rows.map((cells) => [cells[1] ?? "", cells.at(-1) ?? ""]))("%s", (_pain, shown) => {
  for (const named of shown.split("<br>").map((one) => one.trim())) {
    if (named === "not yet") continue;
    const [, path = "", title = ""] = /^`(test\/[\w./-]+)` (.+)$/.exec(named) ?? [];
    expect(path, named).not.toBe("");
    const text = readFileSync(join(root, path), "utf8");
    // a title may go on: with what differs from case to case
    expect(
      ['"', "`", "'"].some((quote) => text.includes(`${quote}${title}`)),
      `${path} has a test called ${title}`,
    ).toBe(true);
  }
});

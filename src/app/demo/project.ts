// The demo's repository: a small shop cart with a failing test, written fresh into a temporary folder and committed there.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export const demoTask = "make the cart total include the discount, and never let it fall below zero";

const cart = `// The cart: items with a price in cents and how many of each.

const items = new Map();

export function add(name, price, count = 1) {
  const before = items.get(name)?.count ?? 0;
  items.set(name, { price, count: before + count });
}

let percent = 0;

/** A discount in percent of the whole cart. */
export function setDiscount(next) {
  percent = next;
}

export function discount(sum) {
  return sum * percent;
}

export function clear() {
  items.clear();
}

/** How many things lie in the cart. */
export function size() {
  let count = 0;
  for (const item of items.values()) count += item.count;
  return count;
}

/** What the person has to pay, in cents. */
export function total() {
  let sum = 0;
  for (const { price, count } of items.values()) sum += price * count;
  return sum;
}
`;
const test = `import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { add, clear, setDiscount, total } from "../src/cart.js";

beforeEach(() => {
  clear();
  setDiscount(0);
});

test("sums price times count", () => {
  add("tea", 450, 2);
  add("cup", 1200);
  assert.equal(total(), 2100);
});

test("takes the discount off the total", () => {
  add("tea", 1000);
  setDiscount(25);
  assert.equal(total(), 750);
});

test("never falls below zero", () => {
  add("tea", 1000);
  setDiscount(150);
  assert.equal(total(), 0);
});
`;
const files: Record<string, string> = {
  "package.json": `${JSON.stringify({ name: "shop", version: "1.0.0", type: "module", scripts: { test: "node --test" } }, null, 2)}\n`,
  "README.md": "# shop\n\nA cart that sums what is in it. Prices are in cents.\n",
  "src/cart.js": cart,
  "test/cart.test.js": test,
};
/** What the script's edit replaces, and with what: two places, so two hunks. */
export const demoEdit = {
  path: "src/cart.js",
  old: cart.slice(cart.indexOf("  return sum * percent;"), cart.lastIndexOf("  return sum;") + "  return sum;".length),
  new: cart
    .slice(cart.indexOf("  return sum * percent;"), cart.lastIndexOf("  return sum;") + "  return sum;".length)
    .replace("  return sum * percent;", "  return Math.round((sum * percent) / 100);")
    .replace("  return sum;", "  return Math.max(0, sum - discount(sum));"),
};

/** Writes and commits the project; returns its real path. The caller removes it. */
export function makeDemoProject(): string {
  const root = join(realpathSync(mkdtempSync(join(tmpdir(), "aura-demo-"))), "shop");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const git = (...args: string[]): void =>
    void execFileSync(
      "git",
      ["-c", "user.name=Aura demo", "-c", "user.email=demo@localhost", "-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", ...args],
      { cwd: root, stdio: "ignore" },
    );
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "A cart with a discount that is not taken off yet");
  return root;
}

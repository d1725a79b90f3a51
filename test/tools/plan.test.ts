// The plan tool: items keep their ids by their words.
import { describe, expect, it } from "vitest";
import { mergePlan, plan } from "../../src/tools/plan.ts";
import { hands, place } from "./hands.ts";

describe("plan", () => {
  it("keeps ids by words, gives new ones to new words, and answers in one line", async () => {
    const mine = hands(place().root);
    expect((await plan.execute({ items: [{ text: "Read" }, { text: "Fix" }, { text: "Fix" }] }, mine)).text).toBe("plan: 0 of 3 done; next: Read");
    expect((await plan.execute({ items: [{ text: "read ", state: "done" }, { text: "New", state: "running" }, { text: "Fix" }, { text: " " }] }, mine)).text).toBe(
      "plan: 1 of 3 done; now: New",
    );
    expect(mine.plan()).toEqual([
      { id: "p1", text: "read", state: "done" },
      { id: "p4", text: "New", state: "running" },
      { id: "p2", text: "Fix", state: "open" },
    ]);
    expect(await plan.execute({ items: [] }, mine)).toEqual({ ok: true, text: "plan cleared" });
    expect(await plan.risk({ items: [] }, mine)).toEqual({ kind: "plan" });
  });
  it("is bounded", () => {
    const many = mergePlan(
      [],
      Array.from({ length: 500 }, (_, index) => ({ text: `${index} ${"x".repeat(2000)}` })),
    );
    expect(many.length).toBe(100);
    expect(many[0]?.text.length).toBe(500);
  });
});

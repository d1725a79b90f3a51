// A session gone back to keeps the model and the address it had, unless a flag names others.
import { describe, expect } from "vitest";
import { openFakeModel } from "../fake/model-server.ts";
import { story } from "./story.ts";

describe("a session that is opened again", () => {
  story("keeps its own model and address where only memory names another", async ({ model, open, kill }) => {
    await using other = await openFakeModel();
    model.says("One.", "Two.");
    const first = await open();
    await first.types("one");
    await first.sees("ended");
    first.drops();
    await kill();
    const aura = await open({ session: first.session, model: other.id, url: other.url, preset: true });
    await aura.types("two");
    await aura.sees("ended", (fact) => fact.seq > first.facts.length);
    expect(model.requests).toHaveLength(2);
    expect(other.requests).toHaveLength(0);
  });

  story("goes over to the model and address that a flag names", async ({ model, open, kill }) => {
    await using other = await openFakeModel();
    model.says("One.");
    other.says("Two.");
    const first = await open();
    await first.types("one");
    await first.sees("ended");
    first.drops();
    await kill();
    const aura = await open({ session: first.session, model: other.id, url: other.url });
    await aura.types("two");
    await aura.sees("ended", (fact) => fact.seq > first.facts.length);
    expect(other.requests).toHaveLength(1);
  });
});

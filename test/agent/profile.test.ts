// Which profile and which form of edits follow from what is known, as tables.
import { describe, expect, it } from "vitest";
import { chooseForm, chooseProfile, type Known } from "../../src/agent/profile.ts";
import type { EditForm, Probed, Profile } from "../../src/core/probed.ts";

const native = { calls: "native", form: "replace" } as const;
const rows: [what: string, known: Known, profile: Profile, form: EditForm][] = [
  ["nothing known", { context: 32_768, probed: null, wish: "auto" }, "default", "replace"],
  ["native calls", { context: 32_768, probed: { ...native, form: "blocks" }, wish: "auto" }, "default", "blocks"],
  ["calls as text", { context: 32_768, probed: { calls: "text", form: "blocks" }, wish: "auto" }, "default", "blocks"],
  ["calls only where the tools are told in text", { context: 32_768, probed: { calls: "text", onlyTold: true, form: "whole" }, wish: "auto" }, "nano", "whole"],
  ["no calls", { context: 32_768, probed: { calls: "none", form: "replace" }, wish: "auto" }, "nano", "replace"],
  ["a small context", { context: 4_096, probed: null, wish: "auto" }, "nano", "replace"],
  ["a small context and native calls", { context: 4_096, probed: native, wish: "auto" }, "nano", "replace"],
  ["a context that isn't known", { context: null, probed: null, wish: "auto" }, "default", "replace"],
  ["just enough context", { context: 6_000, probed: null, wish: "auto" }, "default", "replace"],
  ["the person wants it whole", { context: 2_048, probed: { calls: "none", form: "patch" }, wish: "default" }, "default", "patch"],
  ["the person wants it small", { context: 131_072, probed: native, wish: "nano" }, "nano", "replace"],
];

describe("the profile", () => {
  for (const [what, known, profile, form] of rows) it(`is ${profile} with edits as ${form} for ${what}`, () => expect(chooseProfile(known)).toMatchObject({ profile, form }));
});

const tried = (landed: number, of = 2) => ({ landed, tried: of });
const edits: [what: string, edits: Probed["edits"], form: EditForm][] = [
  ["nothing was tried", {}, "replace"],
  ["nothing landed", { replace: tried(0), blocks: tried(0), patch: tried(0), whole: tried(0) }, "replace"],
  ["all landed", { replace: tried(2), blocks: tried(2), patch: tried(2), whole: tried(2) }, "replace"],
  ["blocks land more often", { replace: tried(1), blocks: tried(2), patch: tried(0), whole: tried(2) }, "blocks"],
  ["only whole files land", { replace: tried(0), blocks: tried(0), patch: tried(0), whole: tried(1) }, "whole"],
  ["whole files land a little more often", { replace: tried(2, 3), whole: tried(3, 3) }, "replace"],
  ["whole files land much more often", { replace: tried(1, 3), blocks: tried(0, 3), whole: tried(3, 3) }, "whole"],
  ["there was time for one form only", { replace: tried(0), blocks: tried(0, 0) }, "replace"],
];
describe("the form of edits", () => {
  for (const [what, seen, form] of edits) it(`is ${form} where ${what}`, () => expect(chooseForm(seen)).toBe(form));
});

// The shape of a bench's result, as its file and `--json` have it; docs/bench.md is written from here.
import * as z from "zod/mini";
import { kinds, tongues } from "./task.ts";

const text = z.string();
const count = z.int().check(z.nonnegative());
const about = <T extends z.ZodMiniType>(schema: T, words: string): T => schema.check(z.describe(words)) as T;
const orNull = <T extends z.ZodMiniType>(schema: T): z.ZodMiniNullable<T> => z.nullable(schema);

export const figuresShape = z.object({
  turns: about(count, "answers of the model"),
  promptTokens: about(orNull(count), "tokens of all requests together, as the server counted them"),
  cachedTokens: about(orNull(count), "those of them that the server did not have to read again"),
  cachedGuess: about(z.boolean(), "some of cachedTokens is reckoned from the time the reading took"),
  outputTokens: about(orNull(count), "tokens written"),
  readPerS: about(orNull(z.number()), "tokens read in a second, without the cached ones"),
  writePerS: about(orNull(z.number()), "tokens written in a second"),
  calls: about(count, "tool calls"),
  malformed: about(count, "calls that could not be run: broken JSON, an unknown tool, missing or wrong arguments"),
  edits: about(count, "calls of edit and write"),
  failedEdits: about(count, "those of them that changed nothing: text not found, or found more than once"),
  changes: about(count, "file changes that were made"),
  compactions: about(count, "times the conversation was summed up"),
  ms: about(z.number(), "the run's time"),
});
export type Figures = z.infer<typeof figuresShape>;

export const rowShape = z.object({
  name: text,
  language: z.enum(tongues),
  kind: z.enum(kinds),
  state: about(z.enum(["open", "solved", "failed", "skipped"]), "open: not worked on yet; skipped: its language is missing here"),
  why: about(orNull(text), "why it failed or was skipped, in a line"),
  failed: about(z.array(text), "hidden tests that failed, or faults that the model's tests did not notice"),
  ended: about(orNull(z.enum(["done", "stopped", "limit", "failed", "forbidden"])), "how the run ended, as in the `ended` fact"),
  figures: orNull(figuresShape),
});
export type Row = z.infer<typeof rowShape>;
export const resultShape = z.object({
  v: z.literal(1),
  model: text,
  url: about(orNull(text), "the address, where one was given"),
  context: about(orNull(z.number()), "tokens of context the runs had"),
  profile: about(orNull(text), "how much was sent before the task: default or nano"),
  form: about(orNull(text), "the form that the model was told to write edits in"),
  version: about(text, "Aura's"),
  suite: about(text, "changes with the tasks"),
  machine: z.object({ cpu: text, cores: z.number(), memoryBytes: z.number(), platform: text }),
  sandbox: text,
  limits: about(z.object({ maxTurns: z.number(), maxTimeMs: z.number() }), "for each task"),
  startedAt: about(z.number(), "ms since 1970"),
  changedAt: z.number(),
  finished: about(z.boolean(), "no task is open any more"),
  working: about(orNull(z.object({ task: text, place: text })), "the task being worked on and its folder; of use only after a kill"),
  languages: about(z.record(text, z.object({ version: orNull(text), why: orNull(text) })), "the version of each toolchain, or why its tasks are skipped"),
  tasks: z.array(rowShape),
});
export type Result = z.infer<typeof resultShape>;

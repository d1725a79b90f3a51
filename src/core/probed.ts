// What is known about a model from trying it, and what follows for the way it is spoken to.
import type { ModelId } from "./events.ts";

/** How much is sent before the task: `nano` is three tools described in text, for models or contexts too small for more. */
export type Profile = "default" | "nano";
/** How the model is told to write its edits; the edit tool understands all of them always. */
export type EditForm = "replace" | "blocks" | "patch" | "whole";
/** What was found out about a model on its server by trying, once; kept in the user's own state. Speeds in tokens per second, null = not known. */
export interface Probed {
  v: 1;
  model: ModelId;
  url: string;
  at: number;
  context: number;
  /** native: the server hands calls over; text: they stand in the answer and can be read; none: neither. */
  calls: "native" | "text" | "none";
  /** It called where the tools were told in text, and not where the server was to tell of them. */
  onlyTold?: boolean;
  parallel: boolean;
  /** Keeps to a schema it is given, and makes a call it is forced to. */
  schema: boolean;
  forced: boolean;
  thinks: boolean;
  /** For each form that was tried: how many edits landed. */
  edits: Partial<Record<EditForm, { landed: number; tried: number }>>;
  form: EditForm;
  profile: Profile;
  readPerS: number | null;
  writePerS: number | null;
}

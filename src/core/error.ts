// The user's trouble, as a sentence with its mending; everything that isn't an AuraError or a ToolError is a bug.

/** What an error looks like in the log, on the wire and in `--json`. */
export interface Failure {
  code: string;
  message: string;
  hint?: string;
}
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 70 | 130;

const brand = Symbol.for("aura.error");

/**
 * `message` says what and where, `hint` what to do. `exit` is the process's exit code when nothing else decides it.
 * Each of the program's files is bundled with a copy of this class; `instanceof` knows the errors of all of them.
 */
export class AuraError extends Error {
  readonly [brand] = true;
  readonly code: string;
  readonly hint: string | undefined;
  readonly exit: ExitCode;
  constructor(code: string, message: string, options: { hint?: string; exit?: ExitCode; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "AuraError";
    this.code = code;
    this.hint = options.hint;
    this.exit = options.exit ?? 1;
  }
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && brand in value;
  }
}

/** A tool's refusal or failure; `message` is written for the model and says what to do instead. */
export class ToolError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ToolError";
  }
}

/** Any thrown value as a Failure; a bug keeps only its message. */
export function toFailure(error: unknown): Failure {
  if (error instanceof AuraError) return { code: error.code, message: error.message, ...(error.hint ? { hint: error.hint } : {}) };
  return { code: "bug", message: error instanceof Error ? error.message : String(error) };
}

export const isAbort = (error: unknown): boolean => error instanceof Error && (error.name === "AbortError" || ("code" in error && error.code === "ABORT_ERR"));

/** The error code of a node system error (`ENOENT`), or undefined. */
export const errnoOf = (error: unknown): string | undefined => (error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined);

/** Proves at compile time that a switch is exhaustive. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

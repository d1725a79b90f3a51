// The full screen's start: paint first, then load, connect and follow a session. Also the demo, which is the same with a script for a model.
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { AuraError, type ExitCode } from "../core/error.ts";
import type { ClientId, SessionId } from "../core/events.ts";
import type { Flags, Parsed } from "./args.ts";
import { findRoot } from "./root-of.ts";
import { openSplash } from "./tui/splash.ts";
import { whyNoScreen } from "./tui/terminal.ts";

type Doing = Extract<Parsed, { command: "tui" | "attach" | "resume" | "demo" }>;

export async function runFullScreen(parsed: Doing): Promise<ExitCode> {
  const why = whyNoScreen(process.env, process.stdin, process.stdout);
  if (parsed.command === "demo") return (await import("./demo/demo.ts")).runDemo(parsed.flags, why, (flags, task, told) => screen(flags, { fresh: true, task, told }));
  if (why) throw new AuraError("no-screen", why, { exit: 2 });
  switch (parsed.command) {
    case "tui":
      return screen(parsed.flags, { resumable: !parsed.goOn, ...(parsed.task === null ? {} : { task: parsed.task }), newest: parsed.goOn });
    case "attach":
      return screen(parsed.flags, { newest: true, ...(parsed.session ? { session: parsed.session } : {}) });
    case "resume":
      return screen(parsed.flags, { session: parsed.session });
  }
}

/** A look at names only: nearly no repository has any, and the first frame must not wait. */
const bringsSettings = (root: string): boolean => ["config.json", "prompts", "commands", "languages"].some((name) => existsSync(join(root, ".aura", name)));

/** Which session is meant. `newest`: it must exist; `resumable`: one of this repository that works or waits is gone back to; `fresh`: always a new one. */
interface Which {
  session?: SessionId;
  newest?: boolean;
  resumable?: boolean;
  fresh?: boolean;
  task?: string;
  /** Lines for the person. */
  told?: string[];
}

async function screen(flags: Flags, which: Which): Promise<ExitCode> {
  const root = findRoot(flags.cwd);
  const by = `tui-${process.pid}` as ClientId;
  if (bringsSettings(root)) await (await import("./trusting.ts")).askTrust(root);
  // the splash takes keys from here on; everything below loads behind it
  const splash = openSplash({
    stdin: process.stdin,
    stdout: process.stdout,
    model: flags.model ?? process.env.AURA_MODEL ?? null,
    project: basename(root),
    noColor: !flags.color,
    exit: (code) => process.exit(code),
  });
  try {
    return await (await import("./following.ts")).followSession({ flags, which, splash, root, by });
  } catch (error) {
    splash.close();
    throw error;
  }
}

export type { Which };

// argv -> one of: version | help | headless | full screen | a plain command. Loads only what the chosen one needs.
import { parseArgv } from "./args.ts";
import { keepCompiled } from "./compiled.ts";
import { build, version } from "./version.ts";

async function main(): Promise<number> {
  const parsed = parseArgv(process.argv.slice(2), process.env);
  if (parsed.command !== "version") keepCompiled(process.env);
  switch (parsed.command) {
    case "version":
      process.stdout.write(parsed.flags.json ? `${JSON.stringify({ version, build })}\n` : `${version}\n`);
      return 0;
    case "headless":
      return (await import("./batch.ts")).runBatch(parsed);
    case "tui":
    case "attach":
    case "resume":
    case "demo":
      return (await import("./fullscreen.ts")).runFullScreen(parsed);
    case "bench":
      return (await import("./bench/bench.ts")).runBench(parsed);
    case "daemon":
      // lives long: it goes past the bundle of the plain commands, 4 MB that it never needs
      if (parsed.action === "run") return (await import("./serve.ts")).runServe(parsed.flags);
      return (await import("./plain.ts")).runPlain(parsed);
    default:
      return (await import("./plain.ts")).runPlain(parsed);
  }
}

// an event loop that runs dry before the end is no success
process.exitCode = 70;
main().then(
  (code) => {
    // pending handles (a kept-alive connection, a worker) must not hold back the shell; what was written is flushed first
    process.exitCode = code;
    process.stdout.write("", () => process.stderr.write("", () => process.exit(code)));
  },
  async (error: unknown) => {
    const { reportFailure } = await import("./output.ts");
    process.exit(await reportFailure(error, { json: process.argv.includes("--json") }));
  },
);

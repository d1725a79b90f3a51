// A daemon around the tests' core, as a process of its own: argv = state folder, runtime folder, build, idle ms.
import { appendFileSync } from "node:fs";
import { runDaemon } from "../../src/app/daemon.ts";
import { daemonPaths } from "../../src/core/paths.ts";
import { installGuard } from "../../src/models/guard.ts";
import { openTestCore } from "./core.ts";

installGuard();
const [state = "", runtime = "", build = "", idleMs = "60000"] = process.argv.slice(2);
if (build === "broken") throw new TypeError("this build is broken");
appendFileSync(`${state}/starts`, `${process.pid}\n`);
const why = await runDaemon({ paths: daemonPaths({ state, runtime }), me: { version: "1", build }, idleMs: Number(idleMs), openCore: async () => openTestCore() });
appendFileSync(`${state}/ends`, `${why}\n`);
process.exit(0);

// A client as a process of its own: watches the session and prints each fact's number. argv = state folder, runtime folder, from.
import { connectDaemon } from "../../src/app/connect.ts";
import { daemonPaths } from "../../src/core/paths.ts";
import { isEntry } from "../../src/core/port.ts";
import { installGuard } from "../../src/models/guard.ts";
import { session } from "./core.ts";

installGuard();
const [state = "", runtime = "", from = "0"] = process.argv.slice(2);
const spawn = { execPath: "/nonexistent", script: "" };
const { core } = await connectDaemon({ paths: daemonPaths({ state, runtime }), me: { version: "1", build: "a" }, spawn, env: {} });
for await (const item of core.watch(session, Number(from), new AbortController().signal)) if (isEntry(item)) process.stdout.write(`${item.seq}\n`);

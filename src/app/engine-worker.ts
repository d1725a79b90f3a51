// The process that a model of a GGUF file runs in: its own, as a native crash or a full memory there must not take a session along.
import { createWriteStream } from "node:fs";
import { serveEngine } from "../models/engine/host.ts";
import { installGuard } from "../models/guard.ts";

installGuard();
// the pipe for answers is the fourth: llama.cpp may print to the others. Killed, not ended: an evaluation in llama.cpp's own threads knows no end.
serveEngine(process.stdin, createWriteStream("", { fd: 3 }), () => process.kill(process.pid, "SIGKILL"));

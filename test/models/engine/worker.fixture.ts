// Plays the engine's process: a real process behind the real pipes that speaks the protocol, with a script in place of llama.cpp.
import { appendFileSync, createWriteStream } from "node:fs";
import { splitLines, toEngine } from "../../../src/models/engine/protocol.ts";

const out = createWriteStream("", { fd: 3 });
const say = (message: unknown): void => void out.write(`${JSON.stringify(message)}\n`);
const stopped = new Set<number>();
let path = "";
const ended = (id: number, why: string): void => say({ type: "ended", id, why, promptTokens: 20, cachedTokens: 15, outputTokens: 3, promptMs: 4.4, outputMs: 5.5 });

/** What the person's last words ask for. */
function play(id: number, word: string): void {
  switch (word) {
    case "die":
      process.stderr.write("ggml: out of something\n");
      process.kill(process.pid, "SIGKILL");
      break;
    case "garbage":
      out.write("this is no JSON\n");
      break;
    case "long":
      say({ type: "wrong", id, why: "overflow", message: "the prompt has 9000 tokens, the context 4096" });
      break;
    case "endless": {
      say({ type: "reading", id, part: 0.5, leftMs: 1200 });
      const timer = setInterval(() => {
        if (!stopped.has(id)) return say({ type: "text", id, delta: "word " });
        clearInterval(timer);
        appendFileSync(`${path}.told`, `stopped ${id}\n`);
      }, 2);
      break;
    }
    default:
      for (const delta of ["<thi", "nk>hm</think>", `I am ${process.pid}`]) say({ type: "text", id, delta });
      ended(id, "stop");
  }
}

process.stdin.setEncoding("utf8").on(
  "data",
  splitLines((line) => {
    const message = toEngine.parse(JSON.parse(line));
    if (message.type === "load") {
      path = message.path;
      appendFileSync(`${path}.told`, `load ${message.context} ${message.wholeCache}\n`);
      if (path.includes("unfit")) return say({ type: "failed", message: "Failed to load model: tensor data is missing" });
      say({ type: "loading", part: 0.4 });
      say({ type: "ready", context: path.includes("scarce") ? message.context / 2 : message.context, gpu: null, loadMs: 3 });
    } else if (message.type === "stop") stopped.add(message.id);
    else if (message.what === "count") say({ type: "counted", id: message.id, tokens: 77 });
    else if (message.what === "warm") ended(message.id, "stop");
    else play(message.id, message.request.messages.at(-1)?.text ?? "");
  }),
);
process.stdin.on("end", () => process.exit(0));

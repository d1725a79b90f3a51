// A worker process for the tests: `node worker.fixture.ts SOCKET LOCK IDLE_MS BUILD`.
import { openWorker } from "../../src/bus/worker.ts";
import { AuraError } from "../../src/core/error.ts";

const [socket = "", lock = "", idleMs = "60000", build = "one"] = process.argv.slice(2);
const worker = await openWorker({
  place: { socket, lock },
  name: "test worker",
  me: { version: "0", build },
  idleMs: Number(idleMs),
  skills: {
    add: async (args) => (args as number[]).reduce((sum, one) => sum + one, 0),
    pid: async () => process.pid,
    echo: async (args) => args,
    count: async (args, tell) => {
      for (let at = 1; at <= (args as number); at++) tell(at);
      return "counted";
    },
    refuse: async () => {
      throw new AuraError("test.refused", "not today", { hint: "ask tomorrow", exit: 4 });
    },
    hang: (_args, tell, signal) =>
      new Promise((_, reject) => {
        tell("hanging");
        signal.addEventListener("abort", () => reject(new AuraError("test.stopped", "stopped")));
      }),
    die: async () => process.kill(process.pid, "SIGKILL"),
  },
});
if (worker) await worker.ended;
process.exit(0);

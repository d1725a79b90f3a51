// The thread that checks syntax: one edit at a time, so that a grammar's trouble or a huge file never stops the agent.
import { parentPort } from "node:worker_threads";
import { openGrammars } from "./grammar.ts";
import type { Asked, Told } from "./syntax.ts";
import { checkSyntax } from "./syntax-check.ts";

const decoder = new TextDecoder();

parentPort?.on("message", async (asked: Asked) => {
  parentPort?.postMessage(await answer(asked));
});

async function answer({ grammar, before, after }: Asked): Promise<Told> {
  try {
    if (after !== null) return await checkSyntax({ grammar, before: before && decoder.decode(before), after: decoder.decode(after) });
    const grammars = await openGrammars();
    if (before === null) await grammars.load(grammar);
    else (await grammars.parse(grammar, decoder.decode(before))).delete();
    return null;
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

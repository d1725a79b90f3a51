// The contexts that were chosen for models whose server lets its client choose: kept, as another number would make it load the model again.
import { join } from "node:path";
import * as z from "zod/mini";
import { note } from "../core/note.ts";
import type { Paths } from "./paths.ts";
import { readSmall, writePrivate } from "./private.ts";

const fileOf = (paths: Paths): string => join(paths.state, "contexts.json");
const shape = z.array(z.object({ url: z.string(), model: z.string(), gigabytes: z.number(), tokens: z.number() }));
type Chosen = z.infer<typeof shape>;
/** More models than this nobody uses; the oldest goes. */
const most = 200;

function read(paths: Paths): Chosen {
  try {
    const text = readSmall(fileOf(paths));
    const parsed = shape.safeParse(text === null ? [] : JSON.parse(text));
    return parsed.success ? parsed.data : [];
  } catch (error) {
    note("config", "chosen contexts can't be read", { file: fileOf(paths), error: String(error) }, "warn");
    return [];
  }
}

/** `gigabytes`: the machine's memory; what was chosen with other isn't told. Neither throws: what can't be kept is chosen anew. */
export function chosenContexts(paths: Paths): {
  get(url: string, model: string, gigabytes: number): number | null;
  set(url: string, model: string, gigabytes: number, tokens: number): void;
} {
  return {
    get: (url, model, gigabytes) => read(paths).findLast((one) => one.url === url && one.model === model && one.gigabytes === gigabytes)?.tokens ?? null,
    set: (url, model, gigabytes, tokens) => {
      const others = read(paths).filter((one) => one.url !== url || one.model !== model);
      try {
        writePrivate(fileOf(paths), `${JSON.stringify([...others, { url, model, gigabytes, tokens }].slice(-most), null, 2)}\n`);
      } catch (error) {
        note("config", "the chosen context can't be kept", { file: fileOf(paths), error: String(error) }, "warn");
      }
    },
  };
}

// The git tool: status, diff, log and commit of the repository the person stands in.
import { basename, dirname, join } from "node:path";
import * as z from "zod/mini";
import { ToolError } from "../core/error.ts";
import type { GitOutcome } from "../git/git.ts";
import { within } from "../sandbox/policy.ts";
import { headOf } from "./limits.ts";
import { chooseReading, realPlace, shownPath } from "./place.ts";
import type { Hands, Outcome, Tool } from "./tool.ts";

const args = z.object({
  action: z.enum(["status", "diff", "log", "commit"]),
  paths: z.optional(z.array(z.string())),
  message: z.optional(z.string()),
  base: z.optional(z.string().check(z.describe("revision"))),
});
export type GitArgs = z.infer<typeof args>;
const logCount = 10;

export const git: Tool<GitArgs> = {
  name: "git",
  about: "Git. commit takes paths, or all changes.",
  args,
  title: ({ action, paths, message, base }) => [action, base, message?.split("\n")[0], paths?.join(" ")].filter(Boolean).join(" "),
  async risk({ action }) {
    return action === "commit" ? { kind: "commit" } : { kind: "read", outside: false };
  },
  accept({ action, ...rest }) {
    // "git diff", "git_status", "git commit -m ..." are meant as the action
    const word = typeof action === "string" ? /(status|diff|log|commit)/.exec(action.toLowerCase())?.[1] : undefined;
    return { ...rest, action: word ?? action };
  },
  async execute({ action, paths, message, base }, hands): Promise<Outcome> {
    const { git: repository, signal, room } = hands;
    const places = paths && paths.length > 0 && !paths.includes(".") ? await Promise.all(paths.map((path) => relativeTo(path, hands))) : undefined;
    const only = places ? { paths: places } : {};
    switch (action) {
      case "status": {
        const status = await repository.status(signal);
        return cap(status.ok && !status.text.includes("\n") ? { ...status, text: `${status.text}\nclean` } : status, room);
      }
      case "diff": {
        const diff = await repository.diff({ ...only, ...(base ? { base } : {}) }, signal);
        return diff.ok && diff.text === "" ? await nothing(hands, base) : cap(diff, room, "narrow it with paths");
      }
      case "log":
        return cap(await repository.log({ count: logCount, ...only, ...(base ? { range: base } : {}) }, signal), room);
      case "commit":
        if (message === undefined || message.trim() === "") throw new ToolError('commit needs a "message"');
        return cap(await repository.commit({ message, ...only }, signal), room);
    }
  },
};

/** A path as git wants it: the link itself where the path names one, but reached through real folders. */
async function relativeTo(path: string, { files, root }: Hands): Promise<string> {
  const { shown } = await files.locate(path); // also what refuses a hidden place
  const meant = await chooseReading(path, root);
  const place = meant === root ? root : join((await realPlace(dirname(meant))).real, basename(meant));
  if (!within(root, place)) throw new ToolError(`${shown} lies outside the repository`);
  return shownPath(root, place);
}

/** An empty diff is often not the whole story. */
async function nothing({ git: repository, signal }: Hands, base: string | undefined): Promise<Outcome> {
  const staged = base ? null : await repository.diff({ staged: true }, signal);
  if (staged?.ok && staged.text !== "") return { ok: true, text: `nothing unstaged; staged:\n${staged.text}` };
  const status = await repository.status(signal);
  const fresh = status.text.split("\n").filter((line) => line.startsWith("?? "));
  return {
    ok: true,
    text:
      fresh.length > 0
        ? `no differences; untracked: ${fresh
            .slice(0, 20)
            .map((line) => line.slice(3))
            .join(" ")}`
        : "no differences",
  };
}

function cap({ ok, text }: GitOutcome, room: number, advice?: string): Outcome {
  const { text: kept, left } = headOf(text, Math.max(400, room - 80));
  return { ok, text: left > 0 ? `${kept}\n[${left} more characters${advice ? `; ${advice}` : ""}]` : kept };
}

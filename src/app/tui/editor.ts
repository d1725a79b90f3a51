// A text in the person's own editor: a private temporary file, the terminal handed over meanwhile.

export interface EditorNeeds {
  env: Record<string, string | undefined>;
  /** Called right before and right after: whoever draws lets go of the terminal. */
  away(): void;
  back(): void;
}

/** The text as saved; null when it is as it was, or the editor failed. `name` gives the file its ending. Throws when no editor starts. */
export async function editText(text: string, name: string, needs: EditorNeeds): Promise<string | null> {
  const { mkdtemp, readFile, rm, writeFile } = await import("node:fs/promises");
  const { tmpdir } = await import("node:os");
  const { join } = await import("node:path");
  const { spawn } = await import("node:child_process");
  const command = needs.env.VISUAL || needs.env.EDITOR || "vi";
  const folder = await mkdtemp(join(tmpdir(), "aura-edit-")); // 0700 by itself
  const file = join(folder, name.replace(/[^\w.-]/g, "_").slice(-80) || "text");
  try {
    await writeFile(file, text, { mode: 0o600 });
    needs.away();
    const code = await new Promise<number | null>((done, fail) => {
      // the variable may hold arguments ("code --wait"), so a shell takes it apart; the file is passed beside it
      const child = spawn("/bin/sh", ["-c", `${command} "$1"`, "sh", file], { stdio: "inherit" });
      child.on("error", fail);
      child.on("exit", done);
    }).finally(needs.back);
    if (code === 126 || code === 127) throw new Error(`the editor "${command}" does not start: set EDITOR to one that does`);
    const after = await readFile(file, "utf8");
    return code !== 0 || after === text ? null : after;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

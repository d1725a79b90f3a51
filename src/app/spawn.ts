// How this program starts its own daemon: the same script, detached.

/** `execPath script daemon run`. */
export const daemonSpawn = (): { execPath: string; script: string; args: string[] } => ({ execPath: process.execPath, script: process.argv[1] ?? "", args: ["daemon", "run"] });

// What a repository's configuration could make git run, and the settings that take it away. Pure, but for what it is given.

/** Settings for every call: fixed names that start a program, open a connection or look somewhere else. */
const fixed: [key: string, value: string][] = [
  ["core.fsmonitor", "false"],
  ["safe.bareRepository", "explicit"],
  ["core.hooksPath", "/dev/null"],
  ["core.splitIndex", "false"],
  ["core.quotePath", "false"],
  ["core.pager", "cat"],
  ["core.editor", "false"],
  ["sequence.editor", "false"],
  ["core.askPass", "false"],
  ["core.sshCommand", "false"],
  ["core.gitProxy", "false"],
  ["core.alternateRefsCommand", "false"],
  ["credential.helper", ""],
  ["diff.external", ""],
  ["diff.ignoreSubmodules", "dirty"],
  ["status.submoduleSummary", "false"],
  ["submodule.recurse", "false"],
  ["log.showSignature", "false"],
  ["gpg.program", "false"],
  ["gpg.openpgp.program", "false"],
  ["gpg.x509.program", "false"],
  ["gpg.ssh.program", "false"],
  ["gpg.ssh.defaultKeyCommand", "false"],
  ["interactive.diffFilter", "false"],
  ["protocol.allow", "never"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["i18n.commitEncoding", "UTF-8"],
  ["i18n.logOutputEncoding", "UTF-8"],
];

/** What to put in place of a repository's own drivers and commands, by the end of their key. */
const drivers: { key: RegExp; instead: string }[] = [
  { key: /^filter\..*\.(clean|smudge|process)$/, instead: "" },
  { key: /^filter\..*\.required$/, instead: "false" },
  { key: /^diff\..*\.(textconv|command)$/, instead: "" },
  { key: /^merge\..*\.driver$/, instead: "false" },
  { key: /^hook\..*\.command$/, instead: "true" },
  { key: /^hook\..*\.enabled$/, instead: "false" },
  { key: /^trailer\..*\.(command|cmd)$/, instead: "true" },
];

export interface ConfigEntry {
  scope: string;
  key: string;
  value: string;
}

/** The output of `git config --list --show-scope -z`. A key keeps the case of its middle part; a key without `=` is true. */
export function parseConfig(text: string): ConfigEntry[] {
  const parts = text.split("\0");
  const entries: ConfigEntry[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const [scope, pair] = [parts[index] ?? "", parts[index + 1] ?? ""];
    const end = pair.indexOf("\n");
    entries.push({ scope, key: end === -1 ? pair : pair.slice(0, end), value: end === -1 ? "true" : pair.slice(end + 1) });
  }
  return entries;
}

export const isLocal = (entry: ConfigEntry): boolean => entry.scope === "local" || entry.scope === "worktree";

/** Keys and values that outrank everything the repository's own configuration says. A driver the person has set up for all repositories is kept. */
export function overrides(config: ConfigEntry[]): [key: string, value: string][] {
  const result = [...fixed];
  const seen = new Set<string>();
  for (const entry of config) {
    if (!isLocal(entry) || seen.has(entry.key)) continue;
    const driver = drivers.find(({ key }) => key.test(entry.key));
    if (!driver) continue;
    seen.add(entry.key);
    result.push([entry.key, config.findLast((other) => other.key === entry.key && !isLocal(other))?.value ?? driver.instead]);
    if (entry.key.endsWith(".command") && entry.key.startsWith("hook.")) result.push([entry.key.replace(/command$/, "enabled"), "false"]);
  }
  return result;
}

/** Names of filters that only this repository's configuration defines: Aura doesn't run them, so it must not store files that need them. */
export function foreignFilters(config: ConfigEntry[]): Set<string> {
  const names = new Set<string>();
  const nameOf = (entry: ConfigEntry): string | undefined => /^filter\.(.*)\.(clean|process)$/s.exec(entry.key)?.[1];
  for (const entry of config) {
    const name = nameOf(entry);
    if (name === undefined || !isLocal(entry) || entry.value === "") continue;
    const own = config.findLast((other) => other.key === entry.key && !isLocal(other));
    if (own?.value !== entry.value) names.add(name);
  }
  return names;
}

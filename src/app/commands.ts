// The command line as rows of data: parsing, --help, completions and docs/cli.md all come from here. Imports nothing at run time.

export type FlagName =
  | "model"
  | "url"
  | "cwd"
  | "json"
  | "policy"
  | "max-turns"
  | "max-time"
  | "sandbox"
  | "yes"
  | "continue"
  | "to"
  | "from"
  | "only"
  | "fresh"
  | "limit"
  | "quiet"
  | "no-color"
  | "verbose"
  | "help"
  | "version";
export interface FlagRow {
  name: FlagName;
  /** What stands for its value in help; absent = it takes none. */
  value?: string;
  short?: string;
  env?: string;
  about: string;
  /** The only values it takes. */
  choices?: readonly string[];
  completes?: "folder";
}
export const flags: readonly FlagRow[] = [
  { name: "yes", about: "with a task: run it headless to the end, with nobody there; on other commands: answer their confirmations with yes" },
  { name: "continue", about: "go on in the newest session of this repository" },
  {
    name: "model",
    value: "SERVER/NAME",
    env: "AURA_MODEL",
    about:
      "model to use; SERVER is ollama, lmstudio, llama-server, openai (anything that speaks its chat API) or embedded, with a GGUF file's path as NAME (needs aura engine install)",
  },
  {
    name: "url",
    value: "URL",
    env: "AURA_URL",
    about: "root address of that server, such as http://127.0.0.1:11434; only this machine, or hosts your own config names under allowHosts",
  },
  { name: "cwd", value: "DIR", about: "the repository, when it isn't the current folder", completes: "folder" },
  {
    name: "policy",
    value: "NAME",
    about: "ask (the default on a terminal), auto (what --yes means: everything inside the sandbox, nothing outside) or read-only",
    choices: ["ask", "auto", "read-only"],
  },
  { name: "max-turns", value: "N", about: "most turns of a run; with bench, of each task" },
  { name: "max-time", value: "SECONDS", about: "most time for a run; with bench, for each task; with models probe, for all questions" },
  { name: "sandbox", value: "off", about: "run without confinement where none can be had; only ever as a flag", choices: ["off"] },
  { name: "to", value: "SEQ", about: "take back everything since this fact of the session's log" },
  { name: "from", value: "PATH", about: "take the engine from this folder or tarball instead of the network", completes: "folder" },
  { name: "only", value: "NAME,..", about: "only these tasks of the bench: by name, language or kind" },
  { name: "fresh", about: "begin the bench, or the index, anew instead of going on with what is there" },
  { name: "limit", value: "N", short: "k", about: "at most so many results (10)" },
  { name: "json", about: "machine-readable: with --yes one fact per line on stdout, and nothing else there" },
  { name: "verbose", about: "more in the debug log" },
  { name: "quiet", about: "no account on stderr, only results and errors" },
  { name: "no-color", env: "NO_COLOR", about: "no colours" },
  { name: "help", short: "h", about: "this help, or that of one command" },
  { name: "version", about: "the version" },
];

export type CommandName =
  | "start"
  | "attach"
  | "sessions"
  | "resume"
  | "undo"
  | "init"
  | "models"
  | "doctor"
  | "bench"
  | "index"
  | "search"
  | "config"
  | "daemon"
  | "engine"
  | "demo"
  | "completions"
  | "help";
export interface CommandRow {
  name: CommandName;
  /** What follows `aura`, one line per form. */
  usage: readonly { form: string; about: string }[];
  /** More words for its own help page. */
  more?: string;
  /** Its own flags; those in `everywhere` are taken by every command. */
  flags: readonly FlagName[];
  hidden?: boolean;
  /** First words after the command, for completions. */
  words?: readonly string[];
}
export const everywhere: readonly FlagName[] = ["cwd", "json", "yes", "verbose", "quiet", "no-color", "help", "version"];
const ofModel = ["model", "url"] as const;
const ofRun = [...ofModel, "policy", "max-turns", "max-time", "sandbox"] as const;

export const commands: readonly CommandRow[] = [
  {
    name: "start",
    usage: [
      { form: '["task"]', about: "full-screen session in this repository; with a task it starts at once" },
      { form: '--yes "task"', about: "headless: runs to the end with nobody there; piped stdin is added to the task" },
      { form: '--continue ["task"]', about: "go on in the newest session of this repository" },
    ],
    more: 'A task is one argument in quotes. A single word is taken for a command; to give one as a task, put -- before it: aura -- "refactor".',
    flags: ["continue", ...ofRun],
  },
  { name: "attach", usage: [{ form: "attach [session]", about: "go back to a running session (the newest one by default)" }], flags: [...ofModel, "policy"] },
  { name: "sessions", usage: [{ form: "sessions [--json]", about: "list the sessions" }], flags: [] },
  { name: "resume", usage: [{ form: "resume <session>", about: "go on in an earlier session" }], flags: [...ofRun] },
  {
    name: "undo",
    usage: [{ form: "undo [--to SEQ]", about: "take back what the newest run did to your files" }],
    more: "Shows what would change and asks first (--yes: doesn't). What you changed since then yourself is left alone.",
    flags: ["to"],
  },
  { name: "init", usage: [{ form: "init", about: "detect languages, test commands and servers; write .aura/config.json" }], flags: ["url"] },
  {
    name: "models",
    usage: [
      { form: "models [--json]", about: "model servers found on this machine, their models and contexts" },
      { form: "models probe [MODEL]", about: "try a model for up to a minute: how it calls tools, which edits land, how fast it is" },
    ],
    more: "A probe is kept for the model at that server and decides how Aura speaks to it. It sends nothing of yours. Exit code 0 when it ran, whatever came out; 1 when the model answered nothing in time (--max-time, 60 seconds without one, loading not counted) or its server failed.",
    flags: [...ofModel, "max-time"],
    words: ["probe"],
  },
  {
    name: "doctor",
    usage: [{ form: "doctor [--json]", about: "what is installed, reachable and confined, with the mending command" }],
    more: "Looks and changes nothing. Exit code 0 whatever it finds; with --json each finding has its level: ok, warn or bad.",
    flags: [...ofModel],
  },
  {
    name: "bench",
    usage: [{ form: "bench [--model M]", about: "how well a model works with Aura on this machine: twelve small tasks, judged by tests it can't see" }],
    more: "Every result is kept, and a bench that was broken off is gone on with. Exit code 0 when it ran, however many were solved; 1 when nothing could be run. The tasks and the shape of --json: docs/bench.md",
    flags: [...ofModel, "only", "fresh", "max-turns", "max-time", "sandbox"],
  },
  {
    name: "index",
    usage: [{ form: "index [--json]", about: "build or update the index of this repository: symbols, text, history" }],
    more: "It is kept in .aura/index and brought up to date by whoever searches, so this is never needed; it shows what was found and what wasn't read. An interrupted one goes on where it was.",
    flags: ["fresh"],
  },
  {
    name: "search",
    usage: [{ form: 'search "words" [-k N] [--json]', about: "find files, symbols and lines by words, names, a quoted text or a /regular expression/" }],
    more: "Best first, each with the reason. The first search of a repository waits for its index; later ones answer at once from a process that stays for ten minutes. Exit code 0 when something was found, 1 when nothing was.",
    flags: ["limit"],
  },
  {
    name: "config",
    usage: [
      { form: "config get [KEY]", about: "show your configuration, or one key of it, as JSON" },
      { form: "config set KEY VALUE", about: "set a key (dotted: limits.maxTurns); null takes it out" },
      { form: "config edit", about: "open your configuration in $EDITOR" },
    ],
    flags: [],
    words: ["get", "set", "edit"],
  },
  {
    name: "daemon",
    usage: [{ form: "daemon start|stop|status", about: "the background process that owns the sessions of the full screen" }],
    more: "It starts by itself when needed and ends by itself when idle.",
    flags: [],
    words: ["start", "stop", "status"],
  },
  {
    name: "engine",
    usage: [
      { form: "engine install [--from PATH]", about: "install the engine that runs GGUF files without a server; the size is told first" },
      { form: "engine status [--json]", about: "whether it is there, which version and where" },
      { form: "engine remove", about: "remove it" },
    ],
    more: "For --model embedded/PATH.gguf: llama.cpp in a process of its own, on the processor (on a Mac also its graphics). install is the one command of Aura that has the network used, on your word (--yes: at once): npm fetches it with your own npm configuration, and no install script runs. Without network, --from takes the folder of an engine installed on another machine of the same kind, or its tarball.",
    flags: ["from"],
    words: ["install", "status", "remove"],
  },
  {
    name: "demo",
    usage: [{ form: "demo", about: "the whole thing on a small project, for a first look: with a tiny model that really runs where the engine is installed, else with a script" }],
    flags: ["policy", "max-turns", "max-time", "sandbox"],
  },
  { name: "completions", usage: [{ form: "completions bash|zsh|fish", about: "print a completion script for your shell" }], flags: [], words: ["bash", "zsh", "fish"] },
  { name: "help", usage: [{ form: "help [command]", about: "this help, or that of one command" }], flags: [], hidden: true },
];

export const exitCodes: readonly { code: number; about: string }[] = [
  { code: 0, about: "done" },
  { code: 1, about: "the run ended without success (limit, gave up, tests red)" },
  { code: 2, about: "wrong usage, broken configuration or refused address" },
  { code: 3, about: "no model server or no model" },
  { code: 4, about: "stopped at something the policy forbids" },
  { code: 70, about: "a bug in Aura; the message says where the log is" },
  { code: 130, about: "interrupted" },
];
export const engineVariable = { name: "AURA_ENGINE", about: "folder of the engine for GGUF files, instead of the one below your own cache" };
export const homeVariable = { name: "AURA_HOME", about: "folder for your own config, state and runtime socket, instead of the XDG folders" };
export const commandRow = (name: CommandName): CommandRow => commands.find((row) => row.name === name) ?? unknownRow(name);
const unknownRow = (name: string): never => {
  throw new Error(`no such command row: ${name}`);
};

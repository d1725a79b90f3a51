// Completion scripts for bash, zsh and fish, from the rows of commands.ts.
import type { Shell } from "./args.ts";
import { type CommandRow, commandRow, commands, everywhere, type FlagName, type FlagRow, flags } from "./commands.ts";

/** `configKeys`: what `aura config get|set` completes. The script is for `source <(aura completions bash)` and its like. */
export function renderCompletions(shell: Shell, configKeys: readonly string[]): string {
  switch (shell) {
    case "bash":
      return bash(configKeys);
    case "zsh":
      return zsh(configKeys);
    case "fish":
      return fish(configKeys);
  }
}

const shown = commands.filter((row) => !row.hidden && row.name !== "start");
const taken = (row: CommandRow): FlagRow[] => flags.filter((flag) => row.flags.includes(flag.name) || everywhere.includes(flag.name));
const isTaken = (flag: FlagName, row: CommandRow): boolean => taken(row).some((each) => each.name === flag);
const start = commandRow("start");
/** In single quotes for any of the three shells. */
const quote = (text: string): string => `'${text.replace(/'/g, "’")}'`;
const sessionList = `aura sessions --json 2>/dev/null | grep -o '"session": *"[^"]*"' | cut -d'"' -f4`;

function bash(configKeys: readonly string[]): string {
  const names = shown.map((row) => row.name).join(" ");
  const values = flags.filter((flag) => flag.value);
  return `# bash completion for aura: source <(aura completions bash)
_aura() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command="" word at
  COMPREPLY=()
  case "$previous" in
${values
  .map((flag) => {
    if (flag.completes === "folder") return `    --${flag.name}) compopt -o filenames; COMPREPLY=($(compgen -d -- "$current")); return ;;`;
    return `    --${flag.name}) COMPREPLY=(${flag.choices ? `$(compgen -W "${flag.choices.join(" ")}" -- "$current")` : ""}); return ;;`;
  })
  .join("\n")}
  esac
  for ((at = 1; at < COMP_CWORD; at++)); do
    word="\${COMP_WORDS[at]}"
    case "$word" in
      ${values.map((flag) => `--${flag.name}`).join("|")}) ((at++)) ;;
      -*) ;;
      *) command="$word"; break ;;
    esac
  done
  if [[ "$current" == -* ]]; then
    case "$command" in
${shown
  .map(
    (row) =>
      `      ${row.name}) COMPREPLY=($(compgen -W "${taken(row)
        .map((flag) => `--${flag.name}`)
        .join(" ")}" -- "$current")) ;;`,
  )
  .join("\n")}
      *) COMPREPLY=($(compgen -W "${taken(start)
        .map((flag) => `--${flag.name}`)
        .join(" ")}" -- "$current")) ;;
    esac
    return
  fi
  case "$command" in
    "") COMPREPLY=($(compgen -W "${names}" -- "$current")) ;;
    attach|resume) COMPREPLY=($(compgen -W "$(${sessionList})" -- "$current")) ;;
    config)
      case "$previous" in
        config) COMPREPLY=($(compgen -W "${commandRow("config").words?.join(" ")}" -- "$current")) ;;
        get|set) COMPREPLY=($(compgen -W "${configKeys.join(" ")}" -- "$current")) ;;
      esac ;;
${shown
  .filter((row) => row.words && row.name !== "config")
  .map((row) => `    ${row.name}) [[ "$previous" == ${row.name} ]] && COMPREPLY=($(compgen -W "${row.words?.join(" ")}" -- "$current")) ;;`)
  .join("\n")}
  esac
}
complete -F _aura aura
`;
}

function zsh(configKeys: readonly string[]): string {
  const describe = (flag: FlagRow): string => {
    const about = flag.about.replace(/[[\]:\\]/g, " ");
    const value = !flag.value ? "" : flag.choices ? `:${flag.name}:(${flag.choices.join(" ")})` : flag.completes === "folder" ? ":folder:_files -/" : `:${flag.value}: `;
    return quote(`--${flag.name}[${about}]${value}`);
  };
  const argumentsOf = (row: CommandRow): string => taken(row).map(describe).join(" ");
  const rest = (row: CommandRow): string => {
    if (row.name === "config") return ` '1:action:(${row.words?.join(" ")})' '2:key:(${configKeys.join(" ")})'`;
    if (row.words) return ` '1:what:(${row.words.join(" ")})'`;
    return row.name === "attach" || row.name === "resume" ? ` '1:session:_aura_sessions'` : "";
  };
  return `#compdef aura
# zsh completion for aura: put it into a folder of $fpath as _aura, or: source <(aura completions zsh)
_aura_sessions() {
  local -a found
  found=(\${(f)"$(${sessionList})"})
  compadd -a found
}
_aura() {
  local line state
  local -a names
  names=(${shown.map((row) => quote(`${row.name}:${(row.usage[0]?.about ?? "").replace(/:/g, " ")}`)).join(" ")})
  _arguments -C ${argumentsOf(start)} '1: :->command' '*:: :->rest' && return
  case $state in
    command) _describe command names ;;
    rest)
      case $line[1] in
${shown.map((row) => `        ${row.name}) _arguments ${argumentsOf(row)}${rest(row)} ;;`).join("\n")}
      esac ;;
  esac
}
if [[ $funcstack[1] == _aura ]]; then _aura "$@"; else compdef _aura aura; fi
`;
}

function fish(configKeys: readonly string[]): string {
  const names = shown.map((row) => row.name).join(" ");
  const none = `not __fish_seen_subcommand_from ${names}`;
  const lines = ["# fish completion for aura: aura completions fish > ~/.config/fish/completions/aura.fish", "complete -c aura -f"];
  for (const row of shown) lines.push(`complete -c aura -n ${quote(none)} -a ${row.name} -d ${quote(row.usage[0]?.about ?? "")}`);
  for (const row of shown) {
    if (row.words)
      lines.push(
        `complete -c aura -n ${quote(`__fish_seen_subcommand_from ${row.name}; and not __fish_seen_subcommand_from ${row.words.join(" ")}`)} -a ${quote(row.words.join(" "))}`,
      );
    if (row.name === "attach" || row.name === "resume")
      lines.push(`complete -c aura -n ${quote(`__fish_seen_subcommand_from ${row.name}`)} -a "(${sessionList.replace(/"/g, '\\"').replace(/\$/g, "\\$")})"`);
  }
  lines.push(`complete -c aura -n '__fish_seen_subcommand_from config; and __fish_seen_subcommand_from get set' -a ${quote(configKeys.join(" "))}`);
  for (const flag of flags) {
    const takers = shown.filter((row) => isTaken(flag.name, row)).map((row) => row.name);
    const forStart = isTaken(flag.name, start);
    const seen = `__fish_seen_subcommand_from ${takers.join(" ")}`;
    const when = everywhere.includes(flag.name) ? "" : ` -n ${quote(takers.length === 0 ? none : forStart ? `${none}; or ${seen}` : seen)}`;
    const value = !flag.value ? "" : flag.choices ? ` -x -a ${quote(flag.choices.join(" "))}` : flag.completes === "folder" ? " -x -a '(__fish_complete_directories)'" : " -x";
    lines.push(`complete -c aura${when}${flag.short ? ` -s ${flag.short}` : ""} -l ${flag.name}${value} -d ${quote(flag.about)}`);
  }
  return `${lines.join("\n")}\n`;
}

// Copying through the terminal (OSC 52): works over SSH too, but only where the terminal takes it, and no terminal answers whether it did.

/** More than this isn't taken by every terminal. Base64 characters. */
const most = 100_000;

/** What to write to the terminal, and what to tell the person; `sequence` null when the text is too long for any terminal. */
export function copySequence(text: string, what: string, env: Record<string, string | undefined>): { sequence: string | null; told: string } {
  const encoded = Buffer.from(text, "utf8").toString("base64");
  if (text === "") return { sequence: null, told: `there is nothing in ${what} to copy` };
  if (encoded.length > most) return { sequence: null, told: `${what} is too long for the terminal's clipboard: /export writes the conversation to a file` };
  const plain = `\x1b]52;c;${encoded}\x07`;
  // tmux takes the sequence itself with `set-clipboard on`, or passes it through with `allow-passthrough on`
  const sequence = env.TMUX ? `${plain}\x1bPtmux;${plain.replaceAll("\x1b", "\x1b\x1b")}\x1b\\` : env.STY ? `\x1bP${plain}\x1b\\` : plain;
  return { sequence, told: `copied ${what}${doubt(env)}` };
}

function doubt(env: Record<string, string | undefined>): string {
  if (env.TMUX) return ", if tmux lets it through: set -g set-clipboard on";
  const program = `${env.TERM_PROGRAM ?? ""} ${env.TERM ?? ""}`;
  if (/kitty|wezterm|alacritty|foot|ghostty|vscode|contour|rio/i.test(program) || env.KITTY_WINDOW_ID || env.WT_SESSION || env.ALACRITTY_WINDOW_ID) return "";
  if (/iterm/i.test(program)) return ", if iTerm's settings allow it (General, Selection: applications may access the clipboard)";
  if (/Apple_Terminal/.test(program)) return " for terminals that take it; Terminal.app is known not to: select with the mouse, or /export";
  if (env.VTE_VERSION) return " for terminals that take it; this kind is known not to: select with the mouse, or /export";
  return ", if this terminal takes it (it can't be asked)";
}

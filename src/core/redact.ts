// Secrets out of text before it is kept: keys, tokens, passwords in addresses and assignments. Ordinary code stays as it is.

const gone = "[redacted]";

/** Whole secrets by their own shape; each with the text it can't be without, so that ordinary text is passed by quickly. */
const shapes: readonly { without: string; pattern: RegExp }[] = [
  { without: "PRIVATE KEY", pattern: /-----BEGIN ([A-Z0-9 ]{0,40})PRIVATE KEY( BLOCK)?-----(?:[A-Za-z0-9+/=\s\\:,]|-(?!-)){16,20000}-----END \1PRIVATE KEY( BLOCK)?-----/g },
  { without: "PRIVATE KEY", pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[rn])+(?:[A-Za-z0-9+/=]{16,}(?:\s|\\[rn])*){1,400}/g },
  { without: "A", pattern: /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z2-7]{16}\b/g },
  { without: "AIza", pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  { without: "gh", pattern: /\bgh[pousr]_[A-Za-z0-9]{30,255}\b/g },
  { without: "github_pat_", pattern: /\bgithub_pat_\w{40,255}\b/g },
  { without: "glpat-", pattern: /\bglpat-[\w-]{20,}/g },
  { without: "xox", pattern: /\bxox[abeoprs]-[\w-]{10,}/g },
  { without: "sk-", pattern: /\bsk-(?=[\w-]*\d)[\w-]{20,}/g },
  { without: "_", pattern: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/g },
  { without: "npm_", pattern: /\bnpm_[A-Za-z0-9]{36}\b/g },
  { without: "pypi-", pattern: /\bpypi-[\w-]{50,}/g },
  { without: "hf_", pattern: /\bhf_[A-Za-z0-9]{30,}\b/g },
  { without: "eyJ", pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g },
];

/** The password of `scheme://user:***@host`; templates (`${PASSWORD}`) stay. */
const inAddress = /\b([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`<>]{0,100}):(?![${<%*])([^\s/@"'`<>]{1,200})@/gi;
const inHeader = /\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:bearer|basic|token|digest)\s+)(?![${<%*])[\w.~+/=-]{8,}/gi;
const bearer = /\b(bearer\s+)(?=[\w.~+/=-]*\d)[\w.~+/=-]{20,}/gi;
const keyHeader = /\b((?:x-)?(?:api|auth|access)-(?:key|token)["']?\s*:\s*["']?)(?=[\w.~+/=-]*\d)[\w.~+/=-]{12,}/gi;

/** `SOME_SECRET=value` at the head of a line or after `export`, as in .env files and `env` output: capitals only, no code around. */
const assignment = /^([ \t]*(?:export[ \t]+|set[ \t]+|-e[ \t]+|declare -x )?([A-Z][A-Z0-9_]{0,80})[ \t]*=[ \t]*)("[^"\n]*"|'[^'\n]*'|[^\s#"'][^\n]*?)(?=[ \t]*(?:#[^\n]*)?\r?$)/gm;
const secretName = /(?:^|_)(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PWD|PASS|APIKEY|KEY|CREDENTIALS?)(?:_[A-Z0-9]+)?$/;
const harmlessName =
  /(?:PUBLIC_KEY|KEY_(?:ID|FILE|PATH|NAME|SIZE|LENGTH|BITS|TYPE|PREFIX)|TOKEN_(?:TYPE|URL|FILE|PATH|LIMIT|COUNT|BUDGET)|(?:MAX|MIN|NUM|CONTEXT)_TOKENS?|^(?:OLD)?PWD|PASS_RATE|PRIMARY_KEY|FOREIGN_KEY|SORT_KEY|CACHE_KEY|_(?:PATH|FILE|DIR|URL|NAME))$/;
/** Quoted values of keys that name a secret, in JSON, YAML and code: only where the value looks drawn at random. */
const quotedValue = /(["']?\b[\w-]{0,40}(?:secret|token|password|passwd|passphrase|api[_-]?key|access[_-]?key|private[_-]?key)["']?\s*[:=]\s*)(["'])((?:(?!\2)[^\s\\]){8,300})\2/gi;

/** A whole line `name = value` or `name: value` without quotes, as in credentials files and YAML. */
const bareValue = /^([ \t]*(?:-[ \t]+)?[\w./:-]{0,60}(?:secret|token|password|passwd|passphrase|api[_-]?key|access[_-]?key)[ \t]*[:=][ \t]*)([\w+/=.~-]{16,300})(?=[ \t]*\r?$)/gim;

/** Drawn at random rather than named: letters and digits take turns more often than in any identifier. */
const takesTurns = (value: string): boolean => (value.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])/g)?.length ?? 0) >= 4;

/** Letters and digits (or signs) mixed as nobody writes a word, a path or a placeholder. */
function looksRandom(value: string): boolean {
  if (/[${}<>()[\]\s]|^\w+:\/\/|^[./~]|\.\w{1,4}$/.test(value) || /(?:example|changeme|placeholder|your[-_]|xxxx|test|dummy|fake|\*{3})/i.test(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(value)).length;
  return /\d/.test(value) && (value.length >= 16 ? kinds >= 2 : kinds >= 3) && !/^[a-z]+(?:[-_.][a-z0-9]+)*$/.test(value) && !/^[\d.,:-]+$/.test(value);
}
function redactAssignment(whole: string, head: string, name: string, value: string): string {
  if (!secretName.test(name) || harmlessName.test(name)) return whole;
  const bare = value.replace(/^["']|["']$/g, "");
  // Code, references and empty values keep their meaning: process.env.X, ${X}, $(cmd), get("X"), true, 3.
  if (bare.length < 4 || /^(?:true|false|null|none|undefined|\d{1,6})[;,]?$/i.test(bare) || /[${}()[\];<]|^\w+(?:\.\w+)+$/.test(bare)) return whole;
  const quote = value.startsWith('"') || value.startsWith("'") ? value.charAt(0) : "";
  return `${head}${quote}${gone}${quote}`;
}

/** The same text with secrets replaced by `[redacted]`; line breaks outside private keys are kept. Never throws. Applying it again changes nothing. */
export function redact(text: string): string {
  let out = text;
  for (const { without, pattern } of shapes) if (out.includes(without)) out = out.replace(pattern, gone);
  if (out.includes("://")) out = out.replace(inAddress, (_, head: string) => `${head}:${gone}@`);
  if (/author|bearer|-key|-token/i.test(out)) out = out.replace(inHeader, `$1${gone}`).replace(bearer, `$1${gone}`).replace(keyHeader, `$1${gone}`);
  if (out.includes("=")) out = out.replace(assignment, redactAssignment);
  if (/secret|token|passw|passphrase|key/i.test(out)) {
    out = out.replace(bareValue, (whole, head: string, value: string) => (takesTurns(value) && looksRandom(value) ? `${head}${gone}` : whole));
    out = out.replace(quotedValue, (whole, head: string, quote: string, value: string) => (looksRandom(value) ? `${head}${quote}${gone}${quote}` : whole));
  }
  return out;
}

const secretField = /^(?:.*[_-])?(?:secret|token|password|passwd|passphrase|api[_-]?[kK]ey|authorization|cookie|key)$|(?:Secret|Token|Password|Passphrase|ApiKey|PrivateKey)$/;
/** A structure for the debug log: texts redacted, values of fields that name a secret gone, depth and length bounded. */
export function redactFields(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redact(value.length > 4000 ? `${value.slice(0, 4000)}... (${value.length} characters)` : value);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Error) return { name: value.name, message: redact(value.message), stack: redact(value.stack ?? "") };
  if (typeof value !== "object" || value === null) return value;
  if (depth > 5) return "...";
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redactFields(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 100)
      .map(([name, item]) => [name, typeof item === "string" && secretField.test(name) ? gone : redactFields(item, depth + 1)]),
  );
}

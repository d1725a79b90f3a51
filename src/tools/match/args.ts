// What models really send for an edit, brought to one shape: other agents' argument names, lists of edits, patches.

export interface OneEdit {
  old: string;
  new: string;
  all?: boolean | undefined;
}
/** `edits` instead of old and new; `patch`: `new` holds a patch of some form for sure. */
export interface EditArgs extends OneEdit {
  path: string;
  edits?: OneEdit[];
  patch?: boolean;
  [other: string]: unknown;
}

const names = {
  path: ["path", "file_path", "filePath", "filepath", "file", "filename", "file_name", "target_file", "absolute_path", "relative_path", "TargetFile"],
  old: ["old", "old_string", "oldString", "old_str", "old_text", "oldText", "search", "find", "original", "before", "old_content", "search_string"],
  new: ["new", "new_string", "newString", "new_str", "new_text", "newText", "replace", "replacement", "replace_string", "updated", "after", "new_content", "content"],
  all: ["all", "replace_all", "replaceAll", "allow_multiple", "all_occurrences", "global"],
  edits: ["edits", "edit", "changes", "replacements", "replace_blocks"],
  patch: ["patch", "diff", "patch_text", "patchText", "input", "blocks"],
};
type Loose = Record<string, unknown>;
const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);
const pick = (from: Loose, of: readonly string[]): unknown => of.map((name) => from[name]).find((value) => value !== undefined && value !== null);
const flag = (value: unknown): boolean | undefined => (value === true || value === "true" || value === 1 ? true : value === undefined ? undefined : false);

/** Never throws: what it doesn't understand stays as it is, and the schema says what is wrong with it. */
export function normaliseEdit(given: unknown): unknown {
  if (typeof given === "string") return { path: "", old: "", new: given, patch: true };
  if (!isObject(given)) return given;
  const listed = listOf(pick(given, names.edits));
  const path = pick(given, names.path) ?? pathWithin(pick(given, names.edits));
  const patch = pick(given, names.patch);
  if (listed) return { path: path ?? "", ...(listed.length === 1 ? listed[0] : { old: "", new: "", edits: listed }) };
  const one = pairOf(given);
  if (one.new === undefined && typeof patch === "string") return { path: path ?? "", old: "", new: patch, patch: true };
  return { path, ...one, old: one.old ?? (one.new === undefined ? undefined : "") };
}

function pairOf(given: Loose): { old: unknown; new: unknown; all?: boolean } {
  const all = flag(pick(given, names.all));
  return { old: pick(given, names.old), new: pick(given, names.new), ...(all === undefined ? {} : { all }) };
}
/** A list of pairs, also as JSON text or a single object; null when it is none. */
function listOf(value: unknown): OneEdit[] | null {
  if (typeof value === "string") {
    try {
      return listOf(JSON.parse(value));
    } catch {
      return null;
    }
  }
  const items = Array.isArray(value) ? value : isObject(value) ? [value] : [];
  const pairs = items.flatMap((item) => {
    const pair = isObject(item) ? pairOf(item) : null;
    if (typeof pair?.new !== "string") return [];
    return [{ old: typeof pair.old === "string" ? pair.old : "", new: pair.new, ...(pair.all === undefined ? {} : { all: pair.all }) }];
  });
  return pairs.length > 0 && pairs.length === items.length ? pairs : null;
}
const pathWithin = (value: unknown): unknown => (Array.isArray(value) && isObject(value[0]) ? pick(value[0], names.path) : undefined);

// From parsed JSON to calls: every shape in which models name a function and its arguments.
import { offered, type ReadCall, type ReadContext, toolOf } from "./dialect.ts";
import { parseLoose } from "./loose.ts";

type Fields = Record<string, unknown>;
export const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);

const nameKeys = ["name", "tool_name", "function_name", "function", "tool", "tool_call"];
const argsKeys = ["arguments", "parameters", "args", "params", "input", "tool_input"];
/** Keys a call object may begin with. */
export const callKeys = [...nameKeys, ...argsKeys, "id", "tool_call_id", "type", "tool_calls", "thought", "answer"];

/** May a call, of which only offered names count, have this field? Asked with the key first, then with its value. */
export function mayBeField(key: string, value: unknown, context: ReadContext): boolean {
  if (!callKeys.includes(key)) return false;
  if (typeof value !== "string") return true;
  return key === "type" ? /^(function|tool|call)/.test(value) : !nameKeys.includes(key) || offered(value.trim(), context);
}

/** The calls in `value`, one object or a list of them, or null if it holds none. `keyed`: an object {NAME: ARGS} is a call too. */
export function callsIn(value: unknown, context: ReadContext, keyed = false): ReadCall[] | null {
  if (Array.isArray(value)) {
    const calls = value.flatMap((one) => callsIn(one, context, keyed) ?? []);
    return calls.length > 0 ? calls : null;
  }
  if (!isFields(value)) return null;
  if (Array.isArray(value.tool_calls)) return callsIn(value.tool_calls, context, keyed);
  const call = callOf(value, context) ?? (keyed ? keyedCall(value) : null);
  return call ? [call] : null;
}

/** An object that names a tool or brings arguments, though it is no whole call. */
export const looksLikeCall = (value: unknown): boolean => [value].flat().some((one) => isFields(one) && [...nameKeys, ...argsKeys].some((key) => key in one));

function callOf(value: Fields, context: ReadContext): ReadCall | null {
  for (const key of nameKeys) {
    const named = value[key];
    if (isFields(named)) {
      const inner = callOf(named, context);
      if (inner) return inner;
    }
    if (typeof named !== "string" || named.trim() === "") continue;
    const name = named.trim();
    const argsKey = argsKeys.find((one) => one in value);
    if (argsKey === undefined) return wantsNothing(name, context) && Object.keys(value).every((one) => callKeys.includes(one)) ? { name, args: {} } : null;
    const args = argsOf(value[argsKey]);
    return args ? { name, args: unwrapped(args, name, context) } : null;
  }
  return null;
}

function keyedCall(value: Fields): ReadCall | null {
  const [entry, ...others] = Object.entries(value);
  if (!entry || others.length > 0) return null;
  const args = argsOf(entry[1]);
  return args ? { name: entry[0], args } : null;
}

function argsOf(value: unknown): Fields | null {
  if (value === null || value === undefined || value === "") return {};
  if (isFields(value)) return value;
  if (typeof value !== "string") return null;
  const inner = parseLoose(value)?.value;
  return isFields(inner) ? inner : null;
}

/** A tool of the offer that needs no argument may be called without any. */
function wantsNothing(name: string, context: ReadContext): boolean {
  const tool = toolOf(name, context);
  if (!tool) return false;
  const { required } = tool.parameters;
  return !Array.isArray(required) || required.length === 0;
}

/** Arguments wrapped once more, as {"input": {...}}, where the tool knows no such parameter but all those inside. */
export function unwrapped(args: Fields, name: string, context: ReadContext): Fields {
  const properties = toolOf(name, context)?.parameters.properties;
  const [entry, ...others] = Object.entries(args);
  if (!isFields(properties) || !entry || others.length > 0 || entry[0] in properties || !argsKeys.includes(entry[0])) return args;
  const inner = argsOf(entry[1]);
  return inner && Object.keys(inner).length > 0 && Object.keys(inner).every((key) => key in properties) ? inner : args;
}

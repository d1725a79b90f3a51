// Scores the tool call parser on a file of model outputs: {id, got, pass, why} each, totals per dialect and source, and every invented call.
import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import type { ToolSpec } from "../../src/models/model.ts";
import { beginsInThought } from "../../src/models/think.ts";
import { type CallParserOptions, openCallParser, type ParsedPiece } from "../../src/models/toolcalls.ts";
import { type Result, scoreSuite } from "./shared/suite.ts";

const toolShape = z.object({ name: z.string(), description: z.optional(z.string()), parameters: z.optional(z.nullable(z.record(z.string(), z.unknown()))) });
const caseShape = z.object({
  id: z.string(),
  source: z.string(),
  dialect: z.string(),
  text: z.string(),
  chunks: z.nullish(z.array(z.string())),
  tools: z.nullish(z.array(z.union([toolShape, z.object({ function: toolShape })]))),
  expect: z.object({ content: z.nullish(z.string()), reasoning: z.nullish(z.string()), tool_calls: z.nullish(z.array(z.object({ name: z.string(), arguments: z.unknown() }))) }),
  malformed: z.optional(z.boolean()),
  scope: z.optional(z.string()),
  parser: z.optional(z.string()),
  path: z.optional(z.string()),
  options: z.optional(z.record(z.string(), z.unknown())),
  content_unchecked: z.optional(z.boolean()),
});
type Case = z.infer<typeof caseShape>;
interface Got {
  content: string;
  reasoning: string;
  tool_calls: { name: string; arguments: unknown }[];
}

const wellOf = (one: Case): string => (one.malformed ? "malformed" : "well-formed");
/** The groups that figures are asked for, some within others. */
const groupsOf = (one: Case): string[] => [
  wellOf(one),
  ...(!one.malformed && one.expect.tool_calls?.length ? ["well-formed with calls"] : []),
  ...(!one.malformed && one.expect.reasoning ? ["well-formed with reasoning"] : []),
];

export const score = (args: string[]): number =>
  scoreSuite<Case, Got>(
    {
      name: "toolcalls",
      shape: caseShape,
      run: (one) => judge(one, run(one)),
      tables: [
        { title: "source", cells: (one) => ({ row: one.source, columns: groupsOf(one) }) },
        { title: "dialect", cells: (one) => ({ row: one.dialect, columns: ["cases"] }) },
      ],
      notes: (scored) => [`invented calls on well-formed: ${scored.filter(({ one, result }) => result.why.startsWith("INVENTED") && !one.malformed).length}`],
      label: (one) => `${one.dialect}${one.malformed ? ", malformed" : ""}`,
    },
    args,
  );

function run(one: Case): Got {
  const parser = openCallParser(optionsOf(one));
  const got: Got = { content: "", reasoning: "", tool_calls: [] };
  const take = (piece: ParsedPiece): void => {
    if (piece.type === "text") got.content += piece.delta;
    else if (piece.type === "thought") got.reasoning += piece.delta;
    else if (piece.type === "was.thought") Object.assign(got, { content: "", reasoning: piece.thought });
    else if (piece.type === "call" && piece.bad === undefined) got.tool_calls.push({ name: piece.name, arguments: piece.args });
    // a call that can't be run: whole answers give what was written as content, as servers do; in a stream it was held back and is never shown
    else if (piece.type === "call" && !one.chunks?.length) got.content += piece.raw ?? "";
  };
  for (const chunk of one.chunks?.length ? one.chunks : [one.text]) for (const piece of parser.push(chunk)) take(piece);
  for (const piece of parser.end()) take(piece);
  return one.options?.think === false ? { ...got, reasoning: "" } : got; // thoughts nobody asked for aren't shown
}

/**
 * What the program would know: the tools offered, whether thoughts are wanted, and from the model's name whether it begins inside one. Where only the
 * tool parser was under test, the server was told not to split thoughts off, or the model not to think, thoughts' tags stay in the text.
 */
function optionsOf(one: Case): CallParserOptions {
  const options = one.options ?? {};
  const template = typeof options.template === "string" ? options.template : undefined;
  const unsplit = one.scope === "tools" || (template !== undefined && (options.reasoning_format ?? "none") === "none");
  const think = typeof options.think === "object" && options.think !== null && "Value" in options.think ? options.think.Value : options.think;
  const thinking = unsplit || (think === false && template === undefined) ? "keep" : "split";
  const tools = one.tools?.map((tool): ToolSpec => {
    const spec = "function" in tool ? tool.function : tool;
    return { name: spec.name, description: spec.description ?? "", parameters: spec.parameters ?? {} };
  });
  const asked = typeof think === "boolean" ? think : one.scope === "reasoning" ? true : undefined;
  const model = [one.parser ?? one.path?.replace(/^.*\//, ""), template, one.dialect].join(" ");
  const startsInThought = thinking === "split" && beginsInThought(model, asked);
  return { tools: tools?.length ? tools : null, thinking, startsInThought, json: options.json_schema === true };
}

function judge(one: Case, got: Got): Result<Got> {
  const result = (why: string): Result<Got> => ({ id: one.id, got, pass: why === "", why: why || "as expected" });
  const { content, reasoning, tool_calls } = one.expect;
  const wanted = tool_calls ?? [];
  if (one.scope !== "reasoning") {
    if (got.tool_calls.length > wanted.length)
      return result(`${wanted.length === 0 ? "INVENTED: " : ""}calls ${JSON.stringify(got.tool_calls)}, expected ${JSON.stringify(wanted)}`);
    const plain = wanted.map((call) => ({ name: call.name, arguments: call.arguments }));
    if (!isDeepStrictEqual(plain, got.tool_calls)) return result(`calls ${JSON.stringify(got.tool_calls)}, expected ${JSON.stringify(plain)}`);
  }
  if ((reasoning ?? "").trim() !== got.reasoning.trim()) return result(`reasoning ${JSON.stringify(got.reasoning)}, expected ${JSON.stringify(reasoning)}`);
  if (!one.content_unchecked && (content ?? "").trim() !== got.content.trim()) return result(`content ${JSON.stringify(got.content)}, expected ${JSON.stringify(content)}`);
  return result("");
}

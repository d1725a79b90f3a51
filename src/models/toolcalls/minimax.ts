// MiniMax M3: every tag is preceded by a mark, arguments are nested tags.
import { cutCall, type Dialect, more, not, type ReadContext, type Reading, skipSpace, take, toolOf } from "./dialect.ts";
import { isFields } from "./shape.ts";
import { schemaOf, typed } from "./typed.ts";

const mark = "]<]minimax[>[";
const opened = `${mark}<tool_call>`;
const ended = `${mark}</invoke>`;
const outer = `${mark}</tool_call>`;

export const minimax: Dialect = {
  name: "minimax-m3",
  opens: () => [opened, `${mark}<invoke`],
  where: "any",
  sure: true,
  special: true,
  read(text, context) {
    const start = text.startsWith(opened) ? skipSpace(text, opened.length) : 0;
    const waits = (): Reading => (context.ended ? { is: "nothing", length: text.length } : more);
    const head = /^\]<\]minimax\[>\[<invoke name="([^"]+)"\s*>/.exec(text.slice(start, start + 300));
    if (!head) return take(text, start, `${mark}<invoke name="`) !== "no" && text.length - start < 300 ? waits() : not;
    const name = head[1] as string;
    const from = start + head[0].length;
    const close = text.indexOf(ended, from);
    if (close < 0) return context.ended ? cutCall(name, text, from < text.length) : more;
    const args = readFields(text.slice(from, close), name, context);
    const after = close + ended.length;
    const closed = take(text, skipSpace(text, after), outer.slice(0, -1));
    if (closed === "more" && !context.ended) return more;
    const length = typeof closed === "number" ? closed + (text[closed] === ">" ? 1 : 0) : after;
    if (typeof closed === "number" && text[closed] === undefined && !context.ended) return more;
    return { is: "calls", length, calls: [{ name, args }] };
  },
};

interface Node {
  name: string;
  text: string;
  children: Node[];
}

function readFields(body: string, name: string, context: ReadContext): Record<string, unknown> {
  const root: Node = { name: "", text: "", children: [] };
  const path = [root];
  for (const part of body.split(mark)) {
    const tag = /^<(\/?)([^<>/]+)>/.exec(part);
    const here = path.at(-1) ?? root;
    if (!tag) {
      here.text += part;
      continue;
    }
    const rest = part.slice(tag[0].length);
    if (tag[1] === "/") {
      if (path.length > 1) path.pop();
      continue;
    }
    const node: Node = { name: tag[2] as string, text: rest, children: [] };
    here.children.push(node);
    path.push(node);
  }
  const tool = toolOf(name, context);
  return Object.fromEntries(root.children.map((node) => [node.name, readNode(node, schemaOf(tool, node.name))]));
}

function readNode(node: Node, schema: unknown): unknown {
  if (node.children.length === 0) return typed(node.text, schema);
  const fields = isFields(schema) ? schema : {};
  if (node.children.every((child) => child.name === "item")) return node.children.map((child) => readNode(child, fields.items));
  const properties = isFields(fields.properties) ? fields.properties : {};
  return Object.fromEntries(node.children.map((child) => [child.name, readNode(child, properties[child.name])]));
}

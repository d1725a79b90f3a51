// Calls with words before their parts: ReAct's `Action: NAME`, `Action Input: {...}`, and Qwen-Agent's flowers. Only offered names count.
import { readArgs } from "./body.ts";
import { type Dialect, more, not, offered } from "./dialect.ts";

const labelled = (dialect: string, name: string, args: string, closers: string[]): Dialect => {
  const head = new RegExp(`^${name}[ \\t]*\`?([\\w.:/-]+)\`?[ \\t]*\\r?\\n\\s*${args}\\s*(?=\\S)`);
  const begun = new RegExp(`^${name}[ \\t]*\`?[\\w.:/-]*\`?[ \\t]*(?:\\r?\\n[^{]{0,40})?$`);
  return {
    name: dialect,
    opens: () => [name],
    where: "line",
    sure: true,
    read(text, context) {
      const start = text.slice(0, 400);
      const found = head.exec(start);
      if (found?.[1]) return offered(found[1], context) && text[found[0].length] === "{" ? readArgs(text, found[0].length, found[1], { closers }, context) : not;
      const soFar = new RegExp(`^${name}[ \\t]*\`?([\\w.:/-]*)`).exec(start)?.[1] ?? "";
      const mayBe = context.tools === null || context.tools.some((tool) => tool.name.startsWith(soFar));
      return mayBe && !context.ended && text.length < 400 && begun.test(start) ? more : not;
    },
  };
};

export const labelledDialects: Dialect[] = [
  labelled("react", "Action:", "Action Input:", ["Observation:"]),
  labelled("qwen-agent", "✿FUNCTION✿:", "✿ARGS✿:", ["✿RESULT✿:", "✿RESULT✿"]),
];

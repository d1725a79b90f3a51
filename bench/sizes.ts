// What is sent before the task, by profile and form of edits: system text and tools, at four characters a token, for a small project of ten files.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EditForm, Profile } from "../src/core/probed.ts";
import type { Row } from "./table.ts";

export interface Size {
  profile: Profile;
  form: EditForm;
  /** Tokens. */
  system: number;
  tools: number;
  whole: number;
  limit: number;
}
const limits: Record<Profile, number> = { default: 1_000, nano: 400 };
const forms: readonly EditForm[] = ["replace", "blocks", "patch", "whole"];

export async function measureSizes(): Promise<Size[]> {
  // prose stands in Markdown files, which the build puts into the program
  registerHooks({
    load: (url, context, next) => {
      if (!url.endsWith(".md")) return next(url, context);
      return { format: "module", source: `export default ${JSON.stringify(readFileSync(fileURLToPath(url), "utf8"))}`, shortCircuit: true };
    },
  });
  const { makeHead } = await import("../src/agent/head.ts");
  const { tools } = await import("../src/tools/index.ts");
  const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-sizes-")));
  const root = join(base, "project");
  for (const folder of ["src", "test", "docs"]) mkdirSync(join(root, folder), { recursive: true });
  for (const file of ["README.md", "LICENSE", "package.json", "package-lock.json", "tsconfig.json", "CHANGELOG.md", "vite.config.ts"]) writeFileSync(join(root, file), "");
  try {
    return (["default", "nano"] as const).flatMap((profile) =>
      forms.map((form): Size => {
        const head = makeHead({ root, userConfig: null, tools, context: 32_768, profile, form });
        const system = Math.ceil(head.system.length / 4);
        const wire = profile === "nano" ? 0 : Math.ceil(JSON.stringify(head.tools.map((spec) => ({ type: "function", function: spec }))).length / 4);
        return { profile, form, system, tools: wire, whole: system + wire, limit: limits[profile] };
      }),
    );
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

export const sizeRows = (sizes: readonly Size[]): Row[] => [
  { figure: "head of a prompt, tokens (system + tools)", target: "", values: ["aura"], reached: null },
  ...sizes.map(({ profile, form, system, tools, whole, limit }) => ({
    figure: `${profile}, edits as ${form}`,
    target: `<= ${limit}`,
    values: [`${whole} (${system} + ${tools})`],
    reached: whole <= limit,
  })),
];

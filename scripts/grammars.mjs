// Copies the grammars, their queries and the parser into dist/grammars, and has their notices: the package they come from names none of their authors.
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { grammarNames } from "../src/languages/grammar.ts";

const { resolve } = createRequire(import.meta.url);
/** From the licence files of the grammars' own repositories; all are under the MIT licence. TypeScript and TSX are one repository. */
const authors = {
  bash: "2017 Max Brunsfeld",
  "c-sharp": "2014-2023 Max Brunsfeld, Damien Guard, Amaan Qureshi, and contributors",
  cpp: "2014 Max Brunsfeld",
  css: "2018 Max Brunsfeld",
  go: "2014 Max Brunsfeld",
  java: "2017 Ayman Nadeem",
  javascript: "2014 Max Brunsfeld",
  php: "2017 Josh Vera, GitHub; 2019 Max Brunsfeld, Amaan Qureshi, Christian Frøystad, Caleb White",
  python: "2016 Max Brunsfeld",
  ruby: "2016 Rob Rix",
  rust: "2017 Maxim Sokolov",
  tsx: "2017 Max Brunsfeld",
  typescript: "2017 Max Brunsfeld",
};

/** 21 MB, about 3 MB in the packed file. */
export function copyGrammars(folder) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(resolve("web-tree-sitter/web-tree-sitter.wasm"), `${folder}/web-tree-sitter.wasm`);
  for (const name of grammarNames) copyFileSync(resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${name}.wasm`), `${folder}/tree-sitter-${name}.wasm`);
  for (const query of readdirSync("src/languages/queries")) copyFileSync(`src/languages/queries/${query}`, `${folder}/${query}`);
}

/** Throws when a grammar is shipped whose author isn't known here. */
export function grammarNotices() {
  const lines = grammarNames.map((name) => {
    if (!authors[name]) throw new Error(`scripts/grammars.mjs names no author of the grammar ${name}`);
    return `tree-sitter-${name}: Copyright (c) ${authors[name]}`;
  });
  const licence = readFileSync("node_modules/web-tree-sitter/LICENSE", "utf8");
  const terms = licence.slice(licence.indexOf("Permission is hereby granted"));
  return ["The files grammars/tree-sitter-*.wasm are compiled from these grammars, each under the MIT licence:", lines.join("\n"), terms.trim()].join("\n\n");
}

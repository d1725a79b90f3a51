// The licences of what is bundled: their terms ask that the notice goes along. Written from the bundler's own list of inputs.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Folders of packages among the inputs of esbuild's metafiles: `node_modules/a`, `node_modules/@b/c`. */
function packagesOf(metafiles) {
  const folders = new Set();
  for (const { inputs } of metafiles)
    for (const input of Object.keys(inputs)) {
      const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (found) folders.add(found[1]);
    }
  return [...folders].sort();
}

/** One text with each package's name, version, licence and notice; `copied` are folders of packages that lie beside the bundles. Throws when one names no licence. */
export function noticesOf(metafiles, copied, more) {
  const parts = ["The files in this folder contain code of the following packages."];
  for (const folder of [...new Set([...packagesOf(metafiles), ...copied])].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (!license) throw new Error(`${folder} names no licence`);
    const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trim() : "(no licence file in the package)";
    parts.push(`${"-".repeat(78)}\n${name} ${version} (${license})\n\n${text}`);
  }
  return `${[...parts, `${"-".repeat(78)}\n${more}`].join("\n\n")}\n`;
}

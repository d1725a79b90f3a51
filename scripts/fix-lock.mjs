// Completes package-lock.json after an install: optional packages of other platforms that the registry in use doesn't carry
// are left out of the lock by npm, and `npm ci` of npm >= 11 then refuses it. Run by `npm run lock`.
import { readFileSync, writeFileSync } from "node:fs";

const file = "package-lock.json";
const lock = JSON.parse(readFileSync(file, "utf8"));
const packages = lock.packages;
const systems = ["darwin", "win32", "linux", "android", "freebsd", "openbsd", "netbsd", "sunos", "aix", "openharmony"];
const systemOf = (name) => systems.find((system) => name.includes(system)) ?? (name.includes("mac") ? "darwin" : name.includes("win") ? "win32" : undefined);
const processorOf = (name) => name.match(/(arm64|armv7l|arm|x64|ia32|riscv64|s390x|ppc64|loong64|mips64el|wasm32)/)?.[1]?.replace("armv7l", "arm");

/** Node's own resolution: from the dependent's folder upwards. */
function isLocked(from, name) {
  for (let at = from; ; at = at.includes("/node_modules/") ? at.slice(0, at.lastIndexOf("/node_modules/")) : "") {
    if (packages[`${at ? `${at}/` : ""}node_modules/${name}`]) return true;
    if (!at) return false;
  }
}

let added = 0;
for (const [path, entry] of Object.entries(packages)) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue;
    const system = systemOf(name);
    const processor = processorOf(name.split("/").pop());
    packages[`node_modules/${name}`] = {
      version: range.replace(/^[\^~]/, ""),
      optional: true,
      ...(processor ? { cpu: [processor] } : {}),
      os: [system ?? "!linux"],
      ...(entry.dev ? { dev: true } : {}),
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`fix-lock: added ${added} optional entries`);

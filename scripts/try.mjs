// `npm run try`, after the build: the demo with a model that really runs, where its engine can be had in a minute; else with the script.
import { spawnSync } from "node:child_process";
import { ensureEngine, projectEngine } from "./engine.mjs";

const limitS = 60;
const there = ensureEngine({ limitMs: limitS * 1000, patient: false });
if (!there) console.error(`aura: the engine could not be had within ${limitS} s: a script stands in for the model.`);
const demo = spawnSync(process.execPath, ["dist/main.js", "demo"], { stdio: "inherit", env: { ...process.env, AURA_ENGINE: projectEngine() } });
process.exit(demo.status ?? 1);

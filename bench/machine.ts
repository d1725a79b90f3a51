// The machine the figures were measured on, and how busy it was: without them no figure means anything.
import { cpus, loadavg, release, totalmem, type } from "node:os";

export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  os: string;
  node: string;
  /** Of the last minute, when it was asked. */
  load: number;
}

export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() || "unknown",
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e8) / 10,
    os: `${type()} ${release()}`,
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}

export const machineLine = (it: Machine): string => `${it.cpu}, ${it.cores} cores, ${it.memoryGb} GB, ${it.os}, Node ${it.node}, load ${it.load}`;

// The words of files and pieces, inverted, each field apart.
import { openInverted } from "./inverted.ts";
import type { ChunkRow, Read } from "./records.ts";
import { type Counts, countsOf, wordsOf } from "./words.ts";

/** A file in memory: its slot in every field, and the slots of its pieces. */
export interface Doc {
  read: Read;
  slot: number;
  chunks: number[];
}

export type Fields = ReturnType<typeof openFields>;
/** The inverted indices over files and pieces; a file has the same slot in each. */
export function openFields() {
  const path = openInverted();
  const names = openInverted();
  const chunks = openInverted();
  const paths: string[] = [];
  /** Slot of the file of each piece. */
  const owners: number[] = [];
  const chunkCounts = (of: string, chunk: ChunkRow): Counts => countsOf([...chunk.words.split(" "), ...wordsOf(chunk.symbol), ...wordsOf(of)].filter(Boolean));
  const nameCounts = ({ symbols }: Read): Counts => countsOf(symbols.flatMap(({ name, doc }) => [...wordsOf(name), ...wordsOf(doc)]));
  return {
    path,
    names,
    chunks,
    paths,
    owners,
    addChunk(of: string, chunk: ChunkRow, owner: number): number {
      owners.push(owner);
      return chunks.add(chunkCounts(of, chunk));
    },
    addFile(read: Read): number {
      names.add(nameCounts(read));
      paths.push(read.file.path);
      return path.add(countsOf(wordsOf(read.file.path)));
    },
    remove({ read, slot, chunks: slots }: Doc): void {
      names.remove(slot, nameCounts(read));
      path.remove(slot, countsOf(wordsOf(read.file.path)));
      for (const [at, chunk] of read.chunks.entries()) chunks.remove(slots[at] as number, chunkCounts(read.file.path, chunk));
    },
    get dead() {
      return path.dead;
    },
  };
}

// The shortest way from one list of lines to another (Myers), bounded: what takes too long becomes one large change.

/** Lines [aFrom, aTo) of the first became [bFrom, bTo) of the second. Runs are in order and never touch each other. */
export interface Run {
  aFrom: number;
  aTo: number;
  bFrom: number;
  bTo: number;
}
/** More differing lines than this are not searched for a shortest way: 4 MB and some 20 ms at most. */
const maxDistance = 1_000;

export function diffLines(a: readonly string[], b: readonly string[]): Run[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const whole: Run = { aFrom: head, aTo: a.length - tail, bFrom: head, bTo: b.length - tail };
  if (whole.aFrom === whole.aTo && whole.bFrom === whole.bTo) return [];
  if (whole.aFrom === whole.aTo || whole.bFrom === whole.bTo) return [whole];
  return shortest(a, b, whole) ?? unique(a, b, whole);
}

function shortest(a: readonly string[], b: readonly string[], range: Run): Run[] | null {
  const n = range.aTo - range.aFrom;
  const m = range.bTo - range.bFrom;
  const limit = Math.min(n + m, maxDistance);
  const at = (x: number, y: number): boolean => a[range.aFrom + x] === b[range.bFrom + y];
  const reach = new Int32Array(2 * limit + 3);
  const middle = limit + 1;
  const trail: Int32Array[] = [];
  for (let d = 0; d <= limit; d++) {
    trail.push(reach.slice(middle - d - 1, middle + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (reach[middle + k - 1] as number) < (reach[middle + k + 1] as number));
      let x = down ? (reach[middle + k + 1] as number) : (reach[middle + k - 1] as number) + 1;
      while (x < n && x - k < m && at(x, x - k)) x++;
      reach[middle + k] = x;
      if (x >= n && x - k >= m) return walkBack(trail, n, m, range);
    }
  }
  return null;
}

function walkBack(trail: Int32Array[], n: number, m: number, range: Run): Run[] {
  const runs: Run[] = [];
  let x = n;
  let y = m;
  for (let d = trail.length - 1; d > 0; d--) {
    const reach = trail[d] as Int32Array;
    const get = (k: number): number => reach[k + d + 1] as number;
    const k = x - y;
    const down = k === -d || (k !== d && get(k - 1) < get(k + 1));
    const fromK = down ? k + 1 : k - 1;
    const fromX = get(fromK);
    const fromY = fromX - fromK;
    const [toX, toY] = down ? [fromX, fromY + 1] : [fromX + 1, fromY];
    const next = runs.at(-1);
    if (next && next.aFrom === range.aFrom + toX && next.bFrom === range.bFrom + toY) {
      next.aFrom = range.aFrom + fromX;
      next.bFrom = range.bFrom + fromY;
    } else runs.push({ aFrom: range.aFrom + fromX, aTo: range.aFrom + toX, bFrom: range.bFrom + fromY, bTo: range.bFrom + toY });
    x = fromX;
    y = fromY;
  }
  return runs.reverse();
}

/** Lines that occur once on both sides hold the two together; what lies between them changed. */
function unique(a: readonly string[], b: readonly string[], range: Run): Run[] {
  const once = (of: readonly string[], from: number, to: number): Map<string, number> => {
    const places = new Map<string, number>();
    for (let i = from; i < to; i++) places.set(of[i] as string, places.has(of[i] as string) ? -1 : i);
    return places;
  };
  const inB = once(b, range.bFrom, range.bTo);
  const pairs: [number, number][] = [];
  for (const [line, i] of once(a, range.aFrom, range.aTo)) {
    const j = inB.get(line) ?? -1;
    if (i >= 0 && j >= 0) pairs.push([i, j]);
  }
  const runs: Run[] = [];
  let aFrom = range.aFrom;
  let bFrom = range.bFrom;
  for (const [i, j] of [...rising(pairs), [range.aTo, range.bTo] as [number, number]]) {
    const gap = { aFrom, aTo: i, bFrom, bTo: j };
    if (gap.aFrom < gap.aTo || gap.bFrom < gap.bTo) {
      const last = runs.at(-1);
      if (last && last.aTo === gap.aFrom && last.bTo === gap.bFrom) Object.assign(last, { aTo: gap.aTo, bTo: gap.bTo });
      else runs.push(gap);
    }
    aFrom = i + 1;
    bFrom = j + 1;
  }
  return runs;
}

/** The longest part of `pairs` (rising in their first) that rises in the second too. */
function rising(pairs: [number, number][]): [number, number][] {
  const ends: number[] = [];
  const before: number[] = [];
  for (const [index, [, j]] of pairs.entries()) {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] as number] as [number, number])[1] < j) low = middle + 1;
      else high = middle;
    }
    before[index] = low > 0 ? (ends[low - 1] as number) : -1;
    ends[low] = index;
  }
  const out: [number, number][] = [];
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index] as number) out.push(pairs[index] as [number, number]);
  return out.reverse();
}

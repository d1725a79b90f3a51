// What the past tells of the files: which commits read like a query, which files change together, what was said of each.
import { type Inverted, openInverted } from "./inverted.ts";
import { type Latent, openLatent } from "./latent.ts";
import type { CommitRow } from "./records.ts";
import { type Counts, countsOf, wordsOf } from "./words.ts";

const yearS = 31_557_600;
/** After so many years a commit counts half. */
const halfLife = 3;
/** A change of more files than this says little of any two of them. */
const mostTogether = 20;
/** And of so many, the words of their paths belong to its message. */
const mostNamed = 5;
/** Only the messages nearest to the query count: scores are raised to such powers, the best being 1. */
const sharpness = { words: 4, meaning: 6 };
const leastNear = 0.1;

export interface Past {
  /** Evidence for each path by the messages of the commits that changed it. */
  byMessages(query: Counts): Map<string, number>;
  /** The same by messages that mean alike, even where they share no word. */
  byMeaning(query: Counts): Map<string, number>;
  /** The same by all that was ever said of a path. */
  byStory(query: Counts): Map<string, number>;
  /** Paths that change together with this one, with how likely: 0 to 1. */
  together(path: string): ReadonlyMap<string, number>;
  readonly commits: number;
}

/** `commits` newest first. Memory: one posting for each word of a message. */
export function openPast(commits: readonly CommitRow[]): Past {
  const messages: Inverted = openInverted();
  const now = commits[0]?.time ?? 0;
  const changed = commits.map(({ paths }) => (paths === "" ? [] : paths.split("\n")));
  const age = commits.map(({ time }) => 0.5 ** (Math.max(0, now - time) / yearS / halfLife));
  const stories = new Map<string, Counts>();
  const pairs = new Map<string, Map<string, number>>();
  for (const [at, { message }] of commits.entries()) {
    const words = wordsOf(message);
    messages.add(countsOf(words));
    const paths = changed[at] ?? [];
    const weight = (age[at] as number) / Math.sqrt(Math.max(1, paths.length));
    const once = new Set(words);
    for (const path of paths) countsOf(once, storyOf(path), weight);
    if (paths.length < 2 || paths.length > mostTogether) continue;
    for (const one of paths) {
      const others = pairs.get(one) ?? new Map<string, number>();
      pairs.set(one, others);
      for (const other of paths) if (other !== one) others.set(other, (others.get(other) ?? 0) + (age[at] as number) / (paths.length - 1));
    }
  }
  /** Made when it is first asked for. */
  let latent: Latent | null = null;
  /** Each commit's worth goes to the files it changed: less with each of them, and with its age. */
  const spread = (count: number, worth: (at: number) => number): Map<string, number> => {
    const found = new Map<string, number>();
    for (let at = 0; at < count; at++) {
      const score = worth(at);
      if (score === 0) continue;
      const paths = changed[at] as string[];
      const share = (score * (age[at] as number)) / paths.length ** 0.6;
      for (const path of paths) found.set(path, (found.get(path) ?? 0) + share);
    }
    return found;
  };
  function storyOf(path: string): Counts {
    const story = stories.get(path) ?? new Map<string, number>();
    stories.set(path, story);
    return story;
  }
  const told = openInverted();
  const toldPaths = [...stories.keys()];
  for (const path of toldPaths) told.add(stories.get(path) ?? new Map());

  return {
    commits: commits.length,
    byMessages(query) {
      const scores = messages.score(query, 1.2, 0.6);
      let most = 0;
      for (const score of scores) if (score > most) most = score;
      return spread(scores.length, (at) => ((scores[at] as number) / (most || 1)) ** sharpness.words);
    },
    byMeaning(query) {
      latent ??= openLatent(
        commits.map(({ message }, at) => countsOf(wordsOf(`${message}\n${(changed[at] as string[]).length <= mostNamed ? (changed[at] as string[]).join("\n") : ""}`))),
      );
      const near = latent.near(query);
      return spread(near.length, (at) => ((near[at] as number) > leastNear ? (near[at] as number) ** sharpness.meaning : 0));
    },
    byStory(query) {
      const scores = told.score(query, 1.2, 0.5);
      const found = new Map<string, number>();
      for (let at = 0; at < scores.length; at++) if ((scores[at] as number) > 0) found.set(toldPaths[at] as string, scores[at] as number);
      return found;
    },
    together(path) {
      const others = pairs.get(path);
      if (!others) return new Map();
      let total = 1;
      for (const weight of others.values()) total += weight;
      return new Map([...others].map(([other, weight]) => [other, weight / total]));
    },
  };
}

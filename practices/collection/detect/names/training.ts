/** Training of the tagger, for tools/detect-tagger.ts: labelled sentences in, weights out; the same for the same order. */
import { createCharacters } from '../text/characters.ts';
import { roomForTokens, tokenise } from '../text/tokens.ts';
import { BEGIN, BUCKETS, FEATURES, featuresAt, goesOn, INSIDE, isNameLike, look, OUTSIDE, roomForSight } from './features.ts'; // prettier-ignore
import { loadLexicon } from './lexicon.ts';

/** A text with the places of the names in it: UTF-16 offsets. */
export type Labelled = Readonly<{ text: string; names: readonly (readonly [start: number, end: number])[] }>;

/**
 * @param random numbers of [0, 1), from a seed
 * @returns 2^16 features by three tags, one byte each
 */
export function trainTagger(sentences: readonly Labelled[], epochs: number, random: () => number): Int8Array {
  const characters = createCharacters();
  const lexicon = loadLexicon(characters);
  const [weights, sums, stamps] = [new Float64Array(BUCKETS * 3), new Float64Array(BUCKETS * 3), new Float64Array(BUCKETS * 3)]; // prettier-ignore
  const features = new Int32Array(FEATURES);
  let step = 0;
  const nudge = (at: number, by: number): void => {
    sums[at] = (sums[at] as number) + (step - (stamps[at] as number)) * (weights[at] as number);
    stamps[at] = step;
    weights[at] = (weights[at] as number) + by;
  };
  const order = sentences.map((_, at) => at);
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (let i = order.length - 1; i > 0; i -= 1) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j] as number, order[i] as number];
    }
    for (const which of order) {
      const { text, names } = sentences[which] as Labelled;
      const tokens = roomForTokens(text.length + 1);
      tokenise(text, 0, text.length, characters, tokens);
      const gold = goldTags(tokens.start, tokens.count, names);
      const blind = new Set<number>();
      for (let i = 0; i < tokens.count; i += 1) if (random() < 0.3) blind.add(i);
      const sight = roomForSight(tokens.count + 1);
      look(text, tokens, lexicon, characters.fold, sight, blind);
      let [before, before2] = [OUTSIDE, OUTSIDE];
      for (let i = 0; i < tokens.count; i += 1) {
        let tag = OUTSIDE;
        if (isNameLike(tokens, sight, i) || (before !== OUTSIDE && goesOn(tokens, sight, i))) {
          step += 1;
          featuresAt(tokens, sight, i, before, before2, features);
          const scores = [0, 0, 0];
          for (let f = 0; f < FEATURES; f += 1)
            for (let t = 0; t < 3; t += 1) scores[t] = (scores[t] as number) + (weights[(features[f] as number) * 3 + t] as number); // prettier-ignore
          if (before === OUTSIDE) scores[INSIDE] = -Infinity;
          tag = scores.indexOf(Math.max(...scores));
          const right = before === OUTSIDE && gold[i] === INSIDE ? BEGIN : (gold[i] as number);
          if (tag !== right)
            for (let f = 0; f < FEATURES; f += 1) {
              nudge((features[f] as number) * 3 + right, 1);
              nudge((features[f] as number) * 3 + tag, -1);
            }
          // half of the time go on from the right tag, half from the own mistake
          if (random() < 0.5) tag = right;
        }
        [before2, before] = [before, tag];
      }
    }
  }
  const averaged = weights.map(
    (weight, at) => ((sums[at] as number) + (step - (stamps[at] as number)) * weight) / step,
  );
  return quantised(averaged);
}

function goldTags(starts: Int32Array, count: number, names: Labelled['names']): Uint8Array {
  const tags = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    const at = starts[i] as number;
    for (const [start, end] of names) if (at >= start && at < end) tags[i] = at === start ? BEGIN : INSIDE;
  }
  return tags;
}

/** The largest weights are cut at ±127; those that say next to nothing become 0, for the file's sake. */
function quantised(weights: Float64Array): Int8Array {
  const sorted = weights.map(Math.abs).filter((weight) => weight > 0).sort(); // prettier-ignore
  const scale = 127 / (sorted[Math.floor(sorted.length * 0.999)] ?? 1);
  return Int8Array.from(weights, (weight) => {
    const scaled = Math.round(weight * scale);
    return Math.abs(scaled) < 2 ? 0 : Math.max(-127, Math.min(127, scaled));
  });
}

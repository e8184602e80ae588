/**
 * Person names by an averaged perceptron with the tags begin, inside, outside (M. Collins, 2002), read left to right.
 *
 * The weights in tagger.br are made by tools/detect-tagger.ts from our own sentences and the lists of @faker-js/faker,
 * always the same ones for the same seed: one byte for each of 2^16 features and three tags, under brotli.
 */
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

import type { Tokens } from '../text/tokens.ts';
import { BEGIN, BUCKETS, FEATURES, featuresAt, goesOn, INSIDE, isNameLike, OUTSIDE, type Sight } from './features.ts';

export type Weights = Int8Array | Float32Array;
export type Span = { first: number; last: number; margin: number };

export function loadWeights(): Int8Array {
  const file = brotliDecompressSync(readFileSync(new URL('tagger.br', import.meta.url)), { maxOutputLength: BUCKETS * 3 }); // prettier-ignore
  return new Int8Array(file.buffer, file.byteOffset, BUCKETS * 3);
}

/**
 * Names among tokens [from, to).
 * @param bias added to the scores of begin and inside: above 0 more names are found, below fewer
 * @returns spans with the mean lead of their tags over `outside`
 */
export function tagNames(
  tokens: Tokens,
  sight: Sight,
  weights: Weights,
  from: number,
  to: number,
  bias: number,
): Span[] {
  const spans: Span[] = [];
  const features = new Int32Array(FEATURES);
  let open: (Span & { tokens: number }) | null = null;
  let [before, before2] = [OUTSIDE, OUTSIDE];
  const close = (): void => {
    if (open !== null) spans.push({ first: open.first, last: open.last, margin: open.margin / open.tokens });
    open = null;
  };
  for (let i = from; i < to; i += 1) {
    let tag = OUTSIDE;
    if (isNameLike(tokens, sight, i) || (before !== OUTSIDE && goesOn(tokens, sight, i))) {
      featuresAt(tokens, sight, i, before, before2, features);
      let [o, b, n] = [0, bias, bias];
      for (let f = 0; f < FEATURES; f += 1) {
        const at = (features[f] as number) * 3;
        o += weights[at] as number;
        b += weights[at + 1] as number;
        n += weights[at + 2] as number;
      }
      // inside without a beginning is a beginning
      if (before === OUTSIDE) [b, n] = [Math.max(b, n), -Infinity];
      tag = b > o && b >= n ? BEGIN : n > o ? INSIDE : OUTSIDE;
      if (tag === BEGIN) {
        close();
        open = { first: i, last: i, margin: b - o, tokens: 1 };
      } else if (tag === INSIDE && open !== null) {
        const span = open;
        span.last = i;
        span.margin += n - o;
        span.tokens += 1;
      }
    }
    if (tag === OUTSIDE) close();
    [before2, before] = [before, tag];
  }
  close();
  return spans;
}

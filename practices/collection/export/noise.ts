/**
 * Noise for counts: the discrete Laplace distribution, P(x) ∝ exp(−ε·|x|), drawn exactly. Only whole numbers are used and
 * no logarithm: the gaps of floating-point noise tell what it was added to (Mironov 2012).
 *
 * Source: Canonne, Kamath, Steinke 2020, "The Discrete Gaussian for Differential Privacy", algorithms 1 and 2
 */
import { randomInt } from 'node:crypto';

/** Uniform in 0 ≤ x < below, from a source that cannot be foreseen. @param below 1 to 2^47 */
export type Uniform = (below: number) => number;

export const secureUniform: Uniform = (below) => (below === 1 ? 0 : randomInt(below));

/** A draw with variance 2·e^ε/(e^ε−1)², about 2/ε². @param epsilonMilli ε in thousandths, 1 to 100,000 */
export function discreteLaplace(epsilonMilli: number, uniform: Uniform = secureUniform): number {
  // with the scale t/s = 1000/epsilonMilli
  const [s, t] = reduced(epsilonMilli, 1000);
  for (;;) {
    const part = uniform(t);
    if (!bernoulliExp(part, t, uniform)) continue;
    let whole = 0;
    while (bernoulliExp(1, 1, uniform)) whole += 1;
    const size = Math.floor((part + t * whole) / s);
    const negative = uniform(2) === 1;
    // else nothing would be drawn twice as often as it is due
    if (negative && size === 0) continue;
    return negative ? -size : size;
  }
}

/** True with probability exp(−n/d). @param n 0 to d */
export function bernoulliExp(n: number, d: number, uniform: Uniform): boolean {
  let k = 1;
  // true with probability n/(d·k)
  while (uniform(d * k) < n) k += 1;
  return k % 2 === 1;
}

function reduced(a: number, b: number): [number, number] {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return [a / x, b / x];
}

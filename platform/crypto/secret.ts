/**
 * A secret that does not print. Template strings, JSON, `util.inspect`, `console.log` and error messages all show
 * `[redacted]`; the only way to the value is `.reveal()`, which review can grep for. `structuredClone` refuses it.
 */
import { inspect } from 'node:util';

export type Secret<T> = Readonly<{
  reveal: () => T;
  toString: () => string;
  toJSON: () => string;
  [Symbol.toPrimitive]: () => string;
}>;

const REDACTED = '[redacted]';
const redacted = (): string => REDACTED;

export function secret<T>(value: T): Secret<T> {
  // the value lives in the closure, not in a property that a serialiser could walk to
  return Object.freeze({
    reveal: () => value,
    toString: redacted,
    toJSON: redacted,
    [Symbol.toPrimitive]: redacted,
    [inspect.custom]: redacted,
  });
}

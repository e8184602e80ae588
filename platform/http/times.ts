/** Times that the format knows and no clock here: the leap second 23:59:60Z is valid by RFC 3339 §5.6, and a Date has none. */
import { isKept } from '#platform/instant';

type Known = RegExp | ((text: string) => boolean) | Readonly<{ validate?: RegExp | ((text: string) => boolean) }> | boolean | undefined; // prettier-ignore
type Formats = Readonly<{ formats: Readonly<Record<string, unknown>>; addFormat: (name: string, format: { type: 'string'; validate: (text: string) => boolean }) => unknown }>; // prettier-ignore

/** A time that passes is one that can be reckoned with, and kept. @throws Error where the framework has no such format */
export function refuseLeapSeconds(ajv: Formats): void {
  const holds = testOf(ajv.formats['date-time'] as Known);
  ajv.addFormat('date-time', { type: 'string', validate: (text) => holds(text) && isKept(Date.parse(text)) });
}

function testOf(known: Known): (text: string) => boolean {
  const test = typeof known === 'object' && !(known instanceof RegExp) ? known.validate : known;
  if (test instanceof RegExp) return (text) => test.test(text);
  if (typeof test === 'function') return test;
  throw new Error('the framework checks no date-time');
}

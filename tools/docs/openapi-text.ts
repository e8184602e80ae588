/**
 * The OpenAPI document as it is committed: keys in a fixed order, so that a difference is a difference in meaning.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Members the specification reads in this order come first, all others by name. */
const FIRST = [
  'openapi',
  'info',
  'servers',
  'paths',
  'components',
  'get',
  'post',
  'put',
  'patch',
  'delete',
  'operationId',
];

export function openApiText(document: Json): string {
  return `${JSON.stringify(ordered(document), null, 2)}\n`;
}

function ordered(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => ordered(item));
  if (value === null || typeof value !== 'object') return value;
  const rank = (key: string): number => (FIRST.includes(key) ? FIRST.indexOf(key) : FIRST.length);
  const entries = Object.entries(value as Record<string, Json>).toSorted(
    ([one], [other]) => rank(one) - rank(other) || (one < other ? -1 : 1),
  );
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
}

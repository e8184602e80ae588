/** Which fields can be searched, and how: the rules of search. */
import type { DataClass, FieldType, Search } from './catalog.ts';
import type { Report, Step } from './catalog-problem.ts';
import type { FieldFile, SearchFile } from './catalog-shape.ts';

/** Types whose values have words that begin. */
const WORDED: ReadonlySet<FieldType> = new Set(['text', 'name', 'address', 'postcode', 'country']);
/** Types with so few values, or such large ones, that an index would print them in clear by their frequency. */
const NEVER_INDEXED: ReadonlySet<FieldType> = new Set(['boolean', 'choice', 'json']);

export type Searched = Readonly<{ type: FieldType; class: DataClass; acknowledged: string | null }>;

export function resolveSearch(
  declared: FieldFile['search'],
  field: Searched,
  at: readonly Step[],
  report: Report,
): readonly Search[] {
  if (declared === undefined || declared === 'none') return [];
  const entries = Array.isArray(declared) ? declared : [declared];
  const search = entries.map(resolveOne);
  const kinds = search.map((one) => one.kind);
  const fault = (says: string, hint: string): void => report([...at, 'search'], says, hint);

  if (new Set(kinds).size !== kinds.length) fault('the same search is declared twice', 'keep one entry of each kind');
  if (search.length > 0 && NEVER_INDEXED.has(field.type)) {
    fault(
      `a field of type ${field.type} cannot be searched`,
      'its few values would show through any index by how often each occurs; filter after opening',
    );
  }
  if (kinds.includes('prefix') && !WORDED.has(field.type)) {
    fault(
      `prefix search needs text, not ${field.type}`,
      `use it on ${[...WORDED].join(', ')}; for ${field.type} use exact`,
    );
  }
  if (kinds.includes('month') && field.type !== 'date')
    fault(`month search needs a date, not ${field.type}`, 'use exact');
  if (search.some((one) => one.kind === 'exact' && one.unique && one.bits !== null)) {
    fault(
      'a unique index cannot be a bucket index',
      'remove unique, or bits: in a bucket index different values share an entry on purpose',
    );
  }
  if (search.length > 0 && field.class === 'special' && field.acknowledged === null) {
    fault(
      'a field of class special is searchable',
      'an index shows which subjects share a value; remove search, or add acknowledged: with the reason',
    );
  }
  return search;
}

function resolveOne(entry: SearchFile): Search {
  if (typeof entry === 'object')
    return { kind: 'exact', unique: entry.exact.unique ?? false, bits: entry.exact.bits ?? null };
  if (entry === 'exact') return { kind: 'exact', unique: false, bits: null };
  return { kind: entry };
}

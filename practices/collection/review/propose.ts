/**
 * What the numbers propose: pure, so that the same numbers propose the same. A field that nobody needed goes; one that
 * is only ever shown masked may be kept coarse; one that is mostly empty, always the same, or there twice is not needed.
 */
import type { Catalog, FieldSpec } from '../catalog.ts';
import type { ProposalRow, UsedSince } from '../store/review.ts';

export type Numbers = Readonly<{
  /** Days that uses were counted, and that the review looks back. */
  watchedDays: number;
  days: number;
  used: readonly UsedSince[];
  written: ReadonlyMap<string, number>;
  /** Records, and of them with a value: by `collection`, and by `collection field`. */
  present: Readonly<Record<string, number>>;
  samples: ReadonlyMap<string, FieldSample>;
}>;
/** Of a collection: how its values are, without any of them. */
export type FieldSample = Readonly<{
  records: number;
  /** Of each field: how many had a value, how many different ones, how often the commonest. */
  fields: Readonly<Record<string, Readonly<{ values: number; distinct: number; commonest: number }>>>;
  /** Fields that had the same value in the same record: `a b`, how often both had one, how often the same. */
  same: Readonly<Record<string, Readonly<{ both: number; same: number }>>>;
}>;
export type Proposed = Pick<ProposalRow, 'collection' | 'field' | 'kind' | 'suggests' | 'evidence'>;

/** Fewer are no pattern. */
const LEAST = 100;
const EMPTY_SHARE = 0.02;
const SAME_SHARE = 0.98;

export function propose(catalog: Catalog, numbers: Numbers): Proposed[] {
  const found: Proposed[] = [];
  for (const [collection, { fields }] of catalog.collections) {
    for (const spec of fields.values()) {
      const about = (kind: Proposed['kind'], suggests: Proposed['suggests'], evidence: Proposed['evidence']): unknown =>
        found.push({ collection, field: spec.name, kind, suggests, evidence: { ...evidence, days: numbers.days } });
      byUse(spec, collection, numbers, about);
      byValues(spec, collection, numbers, about);
    }
  }
  return found;
}

type About = (kind: Proposed['kind'], suggests: Proposed['suggests'], evidence: Proposed['evidence']) => unknown;

function byUse(spec: FieldSpec, collection: string, numbers: Numbers, about: About): void {
  const written = numbers.written.get(collection) ?? 0;
  if (numbers.watchedDays < numbers.days || written < LEAST) return;
  // a subject's own rights are served from every field: that is no need of ours
  const mine = numbers.used.filter(
    (use) => use.collection === collection && use.field === spec.name && !isLegal(use.purpose),
  );
  const sum = (of: 'clear' | 'masked'): number => mine.reduce((total, use) => total + use[of], 0);
  const purposes = [...new Set(mine.map((use) => use.purpose))];
  const declared = spec.purposes.filter(({ id }) => !isLegal(id));
  if (mine.length === 0) about('never-read', 'erase', { written, reads: 0 });
  else if (purposes.length === 1 && declared.length > 1)
    about('one-purpose', 'narrow', {
      purpose: purposes[0] as string,
      declared: declared.length,
      reads: sum('clear') + sum('masked'),
    });
  if (sum('clear') === 0 && sum('masked') > 0 && (spec.type === 'date' || spec.type === 'postcode'))
    about('over-precise', 'coarsen', { masked: sum('masked'), clear: 0 });
}

function byValues(spec: FieldSpec, collection: string, { present, samples }: Numbers, about: About): void {
  const records = present[collection] ?? 0;
  const filled = present[`${collection} ${spec.name}`] ?? 0;
  if (records >= LEAST && filled / records < EMPTY_SHARE) about('mostly-empty', 'erase', { records, filled });
  const sample = samples.get(collection);
  const own = sample?.fields[spec.name];
  if (own !== undefined && own.values >= LEAST && own.commonest / own.values >= SAME_SHARE)
    about('always-same', 'erase', { sampled: own.values, commonest: own.commonest, distinct: own.distinct });
  for (const [pair, { both, same }] of Object.entries(sample?.same ?? {})) {
    const [first, second = ''] = pair.split(' ');
    // the second of the two is proposed: one of them stays
    if (second === spec.name && both >= LEAST && same / both >= SAME_SHARE)
      about('duplicate', 'erase', { of: first as string, both, same });
  }
}

const isLegal = (purpose: string): boolean => purpose === 'legal' || purpose.startsWith('legal.');

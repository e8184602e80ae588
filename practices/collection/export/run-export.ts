/**
 * One export: every record is decided, logged, opened once and kept sealed; then the groups are found; then what would leave
 * is measured as its receiver would; only then does it leave. Memory is that of a page, whatever the collection's size.
 *
 * INVARIANT: what is sent is what was measured, byte by byte; and nobody who was erased, restricted, or took their yes back
 * meanwhile is in it: it ends there.
 */
import { createHash, randomBytes } from 'node:crypto';

import type { Db } from '#platform/db';
import type { RecordId, SubjectId } from '#platform/ids';
import { parseSubjectId } from '#platform/ids';
import type { Caller, Vault } from '#practices/vault';

import type { CollectionSpec } from '../catalog.ts';
import { collectionFailure } from '../failures.ts';
import { addToSpool, countUnfit, keepFitting, leavingRows, type Grouping, type SpoolRow } from '../store/spool.ts';
import type { LeavesBy } from './decided.ts';
import { generalise } from './generalise.ts';
import { levelsOf, parseStep, type CellValue, type Levels, type Step } from './hierarchy.ts';
import { SUBJECT, type RecordsProfile } from './profile.ts';
import type { Pseudonym } from './pseudonym.ts';
import { newRunKeys, type RunKeys } from './spool.ts';
import { measureLines, type Measured } from './verify.ts';

const PAGE = 200;

export type ExportReport = Readonly<{
  /** Records that the policies let this export read, and of them those left out because their group was too small. */
  records: number;
  suppressed: number;
  /** Where each person has one row: further records of somebody, which are left out too. */
  further: number;
  /** By quasi-identifier, what left of it: `exact`, a step, or `*` */
  generalised: Readonly<Record<string, string>>;
  /** As measured over what left. Null: no k or l was asked for. */
  measured: Measured | null;
  /** SHA-256 of the lines. */
  sha256: string;
}>;
export type RunNeeds = Readonly<{
  /** A connection of its own, closed when the run ends. */
  spoolDb: Db;
  vault: Pick<Vault, 'exportPage' | 'servedOf'>;
  /** Who asks, looked up again: what was revoked holds at the next page. */
  caller: () => Promise<Caller>;
  leaves: LeavesBy;
  pseudonym: Pseudonym;
  /** For the log. */
  detail: Readonly<Record<string, string>>;
  stopped: () => boolean;
}>;

type Columns = Readonly<{
  names: readonly string[];
  /** Places among `names`. */
  quasi: readonly number[];
  sensitive: readonly number[];
  /** Of each quasi-identifier. */
  levels: readonly Levels[];
  words: readonly (readonly string[])[];
  onePerPerson: boolean;
}>;

/** @returns what will leave, and how it was made; nothing has left yet @throws COLLECTION_EXPORT_NOT_ANONYMOUS */
export async function prepareExport(
  needs: RunNeeds,
  collection: CollectionSpec,
  profile: RecordsProfile,
): Promise<{ report: ExportReport; lines: () => AsyncGenerator<Buffer> }> {
  const { spoolDb: db } = needs;
  const columns = columnsOf(profile);
  const keys = newRunKeys();
  const { records, further } = await fill(needs, collection, profile, columns, keys);

  const grouped = profile.k > 1 || profile.l > 1;
  const { steps, parts } = await group(db, profile, columns, records, grouped);
  await keepFitting(db, { parts, sensitive: columns.sensitive.length, k: profile.k, l: profile.l });
  const batches = (): AsyncGenerator<readonly Leaving[]> => leaving(db, columns, steps, keys);
  const digest = createHash('sha256');
  let rows = 0;
  const counted = async function* (): AsyncGenerator<readonly Leaving[]> {
    for await (const batch of batches()) {
      for (const { line } of batch) digest.update(line);
      rows += batch.length;
      yield batch;
    }
  };
  const named = (places: readonly number[]): string[] => places.map((at) => columns.names[at] as string);
  const quasi = named(columns.quasi);
  let measured: Measured | null = null;
  if (grouped) {
    measured = await measureLines(db, { quasi, sensitive: named(columns.sensitive) }, counted());
    if (!isMet(profile, measured)) throw collectionFailure('EXPORT_NOT_VERIFIED');
  } else for await (const _ of counted());
  const sha256 = digest.digest('hex');
  const generalised = Object.fromEntries(
    quasi.map((name, n) => [name, columns.words[n]?.[steps[n] as number] as string]),
  );
  return {
    report: { records, suppressed: records - rows, further, generalised, measured, sha256 },
    lines: () => sent(needs, profile.purpose, batches(), sha256),
  };
}

const isMet = ({ k, l }: RecordsProfile, measured: Measured): boolean =>
  measured.rows === 0 || (measured.k >= k && Object.values(measured.l).every((found) => found >= l));

function columnsOf({ fields, k, l }: RecordsProfile): Columns {
  const names = Object.keys(fields);
  const places = (role: string): number[] => names.flatMap((name, at) => (fields[name]?.role === role ? [at] : []));
  const quasi = places('quasi');
  const further = quasi.map((at) => {
    const { as, steps = [] } = fields[names[at] as string] as RecordsProfile['fields'][string];
    return { first: as === 'coarsen' ? (steps[0] as string) : as === 'mask' ? 'masked' : 'exact', coarser: steps.slice(as === 'coarsen' ? 1 : 0) };
  }); // prettier-ignore
  return {
    names,
    quasi,
    sensitive: places('sensitive'),
    levels: further.map(({ coarser }) => levelsOf(coarser.map((text) => parseStep(text) as Step))),
    words: further.map(({ first, coarser }) => [first, ...coarser, '*']),
    // rows of one pseudonym could be laid beside each other: together they tell more than any group does
    onePerPerson: (k > 1 || l > 1) && Object.hasOwn(fields, SUBJECT),
  };
}

/** Opens the collection page by page into the spool. */
async function fill(
  needs: RunNeeds,
  collection: CollectionSpec,
  { fields }: RecordsProfile,
  columns: Columns,
  keys: RunKeys,
): Promise<{ records: number; further: number }> {
  const wanted = columns.names.filter((name) => name !== SUBJECT);
  const counts = { records: 0, further: 0 };
  let after: RecordId | null = null;
  let last = '';
  do {
    if (needs.stopped()) throw collectionFailure('EXPORT_CUT');
    const { leaves, detail } = needs;
    const page: Awaited<ReturnType<Vault['exportPage']>> = await needs.vault.exportPage(await needs.caller(), {
      collection: collection.name, fields: wanted, after, limit: PAGE, leaves, detail,
    }); // prettier-ignore
    const rows: SpoolRow[] = [];
    for (const record of page.records) {
      // they come in the order of people
      if (columns.onePerPerson && record.subjectId === last) counts.further += 1;
      else rows.push(keptOf(record, fields, columns, keys, needs.pseudonym));
      last = record.subjectId;
    }
    counts.records += rows.length;
    if (rows.length > 0) await addToSpool(needs.spoolDb, rows);
    after = page.next;
  } while (after !== null);
  return counts;
}

type Read = Awaited<ReturnType<Vault['exportPage']>>['records'][number];

function keptOf(
  record: Read,
  rules: RecordsProfile['fields'],
  { names, quasi, sensitive, levels }: Columns,
  { code, seal }: RunKeys,
  pseudonym: Pseudonym,
): SpoolRow {
  const subjectId = parseSubjectId(record.subjectId) as SubjectId;
  const cells = names.map((name): CellValue => {
    if (name === SUBJECT) return pseudonym(SUBJECT, record.subjectId);
    const field = record.fields[name];
    if (rules[name]?.as !== 'clear') return field?.masked ?? null;
    return field?.value ?? null;
  });
  const codes = quasi.flatMap((at, n) =>
    (levels[n] as Levels).slice(0, -1).map((made, step) => code(`${n}/${step}`, made(cells[at] as CellValue))),
  );
  return {
    order: randomBytes(8).readBigInt64BE(),
    person: code('person', record.subjectId),
    quasi: Buffer.concat(codes),
    sensitive: Buffer.concat(sensitive.map((at) => code(`s${at}`, cells[at] as CellValue))),
    sealed: seal({ subjectId, cells }),
  };
}

/** @throws COLLECTION_EXPORT_NOT_ANONYMOUS when more would have to be left out than is allowed */
async function group(
  db: Db,
  { k, l, maxSuppressedPercent }: RecordsProfile,
  { levels, sensitive }: Columns,
  records: number,
  grouped: boolean,
): Promise<{ steps: readonly number[]; parts: readonly number[] }> {
  if (!grouped) return { steps: levels.map(() => 0), parts: [] };
  const heights = levels.map((each) => each.length - 1);
  const begins = heights.map((_, n) => heights.slice(0, n).reduce((sum, height) => sum + height, 0));
  // of the coarsest step there is no code: it tells nothing apart
  const partsOf = (steps: readonly number[]): number[] =>
    steps.flatMap((step, n) => (step === heights[n] ? [] : [(begins[n] as number) + step]));
  const allowed = Math.floor((records * maxSuppressedPercent) / 100);
  const grouping = (steps: readonly number[]): Grouping => ({
    parts: partsOf(steps),
    sensitive: sensitive.length,
    k,
    l,
  });
  const steps = await generalise(heights, async (tried) => (await countUnfit(db, grouping(tried))) <= allowed);
  if (steps === null) throw collectionFailure('EXPORT_NOT_ANONYMOUS', { extra: { records, allowed } });
  return { steps, parts: partsOf(steps) };
}

type Leaving = Readonly<{ person: Buffer; subjectId: SubjectId; line: string }>;

async function* leaving(
  db: Db,
  { names, quasi, levels }: Columns,
  steps: readonly number[],
  { open }: RunKeys,
): AsyncGenerator<readonly Leaving[]> {
  const form = new Map(quasi.map((at, n) => [at, (levels[n] as Levels)[steps[n] as number]]));
  for await (const rows of leavingRows(db, PAGE))
    yield rows.map(({ person, sealed }) => {
      const { subjectId, cells } = open(sealed);
      const row = names.map((name, at) => {
        const cell = cells[at] as CellValue;
        return [name, form.get(at)?.(cell) ?? cell];
      });
      return { person, subjectId, line: `${JSON.stringify(Object.fromEntries(row))}\n` };
    });
}

async function* sent(
  { vault, stopped }: RunNeeds,
  purpose: string,
  batches: AsyncIterable<readonly Leaving[]>,
  expected: string,
): AsyncGenerator<Buffer> {
  const digest = createHash('sha256');
  for await (const batch of batches) {
    const people = new Set(batch.map(({ subjectId }) => subjectId));
    if (stopped() || (await vault.servedOf(purpose, [...people])).size < people.size)
      throw collectionFailure('EXPORT_CUT');
    const bytes = Buffer.from(batch.map(({ line }) => line).join(''));
    digest.update(bytes);
    yield bytes;
  }
  if (digest.digest('hex') !== expected) throw collectionFailure('EXPORT_CUT');
}

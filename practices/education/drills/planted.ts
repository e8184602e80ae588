/**
 * The made-up breach of a drill. Its entries stand in the log as `education.drill.planted`, so that nothing that looks for reads
 * or exports takes one for it; the drill's own log is read from them alone, and has nobody else in it.
 */
import type { Audit } from '#platform/audit';
import type { Statements } from '#platform/db';
import { newSubjectId, publicId, uuidText, uuidv7, type SubjectId, type Uuid } from '#platform/ids';

import type { ScopeNeeds } from '../incidents/scope.ts';
import { insertCustomers, markGone } from '../store/exercises.ts';
import { truthOf, type Drill } from './drill.ts';
import { storyMinute } from './drill-clock.ts';

export type PlantNeeds = Readonly<{
  audit: Pick<Audit, 'appendIn'>;
  /** As it stands in the log. */
  pseudonymOf: (subject: SubjectId) => string;
}>;

export const PLANTED = 'education.drill.planted';
/** More stand in an entry as a number only. */
const NAMED = 16;
const nameOf = (number: number): string => String(number).padStart(3, '0');

/** Ids that nobody has, for who is in the story. */
export const madeUpActors = ({ actors = {} }: Drill): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(actors).map(([name, { as }]) => [name, publicId(as, uuidv7())]));

/** @returns where its entries stand in the log */
export async function plantBreach(
  tx: Statements,
  { audit }: PlantNeeds,
  drill: Drill,
  { drillId, idText, beginsAt, actors }: Readonly<{ drillId: Uuid; idText: string; beginsAt: Date; actors: Readonly<Record<string, string>> }>,
): Promise<readonly number[]> {
  const { breach } = drill;
  if (breach === undefined) return [];
  const customers = Array.from({ length: breach.customers }, (_, at) => ({ name: nameOf(at + 1), subject_id: newSubjectId() }));
  // who meets one of them in the log sees that it is nobody; there is nothing of them in the vault
  await insertCustomers(tx, drillId, customers);
  await markGone(tx, customers.map(({ subject_id }) => subject_id));
  const planted: number[] = [];
  for (const { actor, at, action, customers: [first, last], clear = [], masked = [], classes, purpose } of breach.lines.toSorted((a, b) => a.at - b.at))
    for (let from = first; from <= last; from += NAMED) {
      const subjects = customers.slice(from - 1, Math.min(last, from + NAMED - 1)).map(({ subject_id }) => subject_id);
      const { index } = await audit.appendIn(tx, {
        action: PLANTED, actor: { kind: 'system', id: 'education' }, outcome: 'done', purpose, classes, subjects,
        detail: { drill: idText, as: action, by: actors[actor] ?? '', at: storyMinute({ beginsAt }, at).toISOString(), clear, masked, records: subjects.length, made: 'up' },
      });
      planted.push(Number(index));
    }
  return planted;
} // prettier-ignore

/** Who was concerned, as they stand in the log. @param customers of the drill, by the names they were given */
export function concernedIn(drill: Drill, customers: readonly Readonly<{ name: string; subject_id: SubjectId }>[], pseudonymOf: PlantNeeds['pseudonymOf']): ReadonlySet<Uuid> {
  if (drill.breach === undefined) return new Set();
  const truth = new Set([...truthOf(drill.breach)].map(nameOf));
  return new Set(customers.filter(({ name }) => truth.has(name)).map(({ subject_id }) => uuidText(Buffer.from(pseudonymOf(subject_id), 'base64url'))));
} // prettier-ignore

/** Only what was planted, as what it stands for, at its times in the story; and read from the log each time. */
export async function plantedLog(log: Pick<Audit, 'read'>, planted: readonly number[]): Promise<ScopeNeeds['log']> {
  const entries: { index: number; bytes: Buffer }[] = [];
  const [first, last] = [planted[0] ?? 0, (planted.at(-1) ?? -1) + 1];
  const wanted = new Set(planted);
  for (const { index, bytes } of await log.read(first, last)) {
    if (!wanted.has(index)) continue;
    const { detail, ...entry } = JSON.parse(bytes.toString('utf8')) as { detail: Record<string, unknown> };
    const { as, by, at, clear, masked, records } = detail;
    const told = { ...entry, action: as, actor: { kind: 'service', id: by }, ts: at, detail: { clear, masked, records, collections: ['customer'] } };
    entries.push({ index: entries.length, bytes: Buffer.from(JSON.stringify(told)) });
  }
  return {
    size: () => Promise.resolve(entries.length),
    read: (from: number, to: number) => Promise.resolve(entries.slice(from, to)),
    status: () => Promise.resolve({ tampered: false, publishedSize: entries.length }),
  } as unknown as ScopeNeeds['log'];
} // prettier-ignore

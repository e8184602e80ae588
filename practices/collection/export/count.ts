/**
 * Counts with noise, ε-differentially private: how many people are in each of some groups that were named before anybody
 * looked. Each person is in one group, by their first record, so that one person more or less changes one count by one.
 *
 * INVARIANT: no number leaves that is not in `count_answers`, with its cost in the same transaction: what was answered was
 * paid, whichever server answered. The same question is answered from there; fresh noise could be averaged away.
 */
import { createHash } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { publicId, uuidv7, type RecordId } from '#platform/ids';
import type { Caller, Vault } from '#practices/vault';

import type { Catalog, CollectionSpec, FieldSpec } from '../catalog.ts';
import { canonicalJson } from '../catalog-version.ts';
import { collectionFailure } from '../failures.ts';
import { eventBy, type By } from '../retention/by.ts';
import { findAnswer, insertAnswer, lockBudget, spentOf, type AnswerRow } from '../store/counts.ts';
import { findProfile } from '../store/exports.ts';
import { mustLeave, type LeavesBy } from './decided.ts';
import type { CellValue } from './hierarchy.ts';
import { discreteLaplace, secureUniform, type Uniform } from './noise.ts';
import { groupsOf, labelOf, MOST_CELLS, type CountsProfile, type Dimension } from './profile.ts';
import type { Usable } from './profiles.ts';

const PAGE = 500;

export type CountAsk = Readonly<{
  /** Fields to count by; none: all people together. */
  by: readonly string[];
  epsilonMilli: number;
  /** Asks anew, for new noise and at a new price: `2026-11`. */
  round?: string | undefined;
}>;
export type AnswerView = Readonly<{
  id: string;
  recipient: string;
  purpose: string;
  by: readonly string[];
  round: string | null;
  epsilonMilli: number;
  /** Of the budget, after this answer. */
  spentMilli: number;
  cells: AnswerRow['cells'];
  at: string;
}>;
export type CountNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  catalog: () => Catalog;
  vault: Pick<Vault, 'exportPage' | 'mayExport'>;
  uniform?: Uniform;
}>;

type Group = readonly (string | null)[];
type By2 = By & Readonly<{ caller: () => Promise<Caller>; stopped: () => boolean }>;

/** @throws COLLECTION_COUNT_INVALID, COLLECTION_COUNT_BUDGET, COLLECTION_EXPORT_FIELD_DENIED */
export async function countPeople(
  needs: CountNeeds,
  by: By2,
  { id, profile }: Usable<'counts'>,
  ask: CountAsk,
): Promise<AnswerView & Readonly<{ repeated: boolean }>> {
  const { db, audit, clock } = needs;
  const collection = needs.catalog().collections.get(profile.collection) as CollectionSpec;
  const { names, groups } = questionOf(collection, profile, ask);
  const rules = Object.fromEntries(names.map((name) => [name, { as: 'pseudonym' as const }]));
  mustLeave(collection, rules, await needs.vault.mayExport(await by.caller(), profile.collection));

  const whose = { recipient: profile.recipient.name, purpose: profile.purpose };
  const { epsilonMilli, round = null } = ask;
  const dimensions = names.map((name) => [name, profile.dimensions[name]?.step ?? null]);
  const query = { collection: profile.collection, by: names, round };
  const hash = createHash('sha256').update(canonicalJson([query, dimensions, groups, epsilonMilli])).digest('hex'); // prettier-ignore
  const mayPay = (spent: bigint, budgetMilli: number): void => {
    if (spent + BigInt(epsilonMilli) > BigInt(budgetMilli))
      throw collectionFailure('COUNT_BUDGET', { extra: { budgetMilli, spentMilli: Number(spent) } });
  };
  const known = await findAnswer(db, whose, hash);
  // before anything is opened; whether it holds is decided where it is paid
  if (known === null) mayPay(await spentOf(db, whose), profile.budgetMilli);
  const counts =
    known === null ? await countFirstRecords(needs, by, profile, names, groups) : new Map<string, number>();

  return transact(db, async (tx) => {
    const spent = await lockBudget(tx, whose);
    let answer = await findAnswer(tx, whose, hash);
    const repeated = answer !== null;
    if (answer === null) {
      const now = await findProfile(tx, id);
      if (now?.state !== 'approved') throw collectionFailure('EXPORT_PROFILE_STATE');
      mayPay(spent, profile.budgetMilli);
      const at = clock();
      const cells = groups.map((group) => ({
        group,
        count: (counts.get(JSON.stringify(group)) ?? 0) + discreteLaplace(epsilonMilli, needs.uniform ?? secureUniform),
      }));
      answer = {
        ...whose, answer_id: uuidv7(at.getTime()), query_hash: hash, query, epsilon_milli: epsilonMilli, cells,
        spent_milli: spent + BigInt(epsilonMilli), asked_by: by.actor.id, at,
      }; // prettier-ignore
      await insertAnswer(tx, answer);
    }
    const view = viewAnswer(answer);
    await audit.appendIn(tx, {
      action: 'collection.count', ...eventBy(by), purpose: profile.purpose, outcome: 'done',
      detail: { answer: view.id, profile: publicId('exp', id), recipient: whose.recipient, by: names, epsilonMilli, spentMilli: view.spentMilli, repeated: repeated ? 'yes' : 'no' },
    }); // prettier-ignore
    return { ...view, repeated };
  });
}

/** @returns the fields in order, and every group there is, the others of each field among them */
function questionOf(
  collection: CollectionSpec,
  profile: CountsProfile,
  { by, epsilonMilli }: CountAsk,
): { names: string[]; groups: readonly Group[] } {
  const names = [...new Set(by)].toSorted();
  const other = names.find((name) => !Object.hasOwn(profile.dimensions, name));
  if (other !== undefined) throw collectionFailure('COUNT_INVALID', { detail: 'this profile does not count by that' });
  if (epsilonMilli > profile.maxEpsilonMilli)
    throw collectionFailure('COUNT_INVALID', { detail: `one answer costs at most ${profile.maxEpsilonMilli}` });
  let groups: readonly Group[] = [[]];
  for (const name of names) {
    const labels = [...groupsOf(collection.fields.get(name) as FieldSpec, profile.dimensions[name] as Dimension), null];
    if (groups.length * labels.length > MOST_CELLS) throw collectionFailure('COUNT_INVALID', { detail: `more than ${MOST_CELLS} groups` }); // prettier-ignore
    groups = groups.flatMap((group) => labels.map((label) => [...group, label]));
  }
  return { names, groups };
}

async function countFirstRecords(
  { vault }: CountNeeds,
  { caller, stopped }: By2,
  profile: CountsProfile,
  names: readonly string[],
  groups: readonly Group[],
): Promise<Map<string, number>> {
  const counts = new Map(groups.map((group) => [JSON.stringify(group), 0]));
  const labels = names.map((_, at) => new Set(groups.map((group) => group[at])));
  const leaves: LeavesBy = new Map(
    names.map((name) => [
      name,
      { needs: 'masked' as const, make: (value: unknown) => labelOf(profile.dimensions[name] as Dimension, value as CellValue) },
    ]),
  ); // prettier-ignore
  let after: RecordId | null = null;
  let last = '';
  do {
    if (stopped()) throw collectionFailure('EXPORT_CUT');
    const page: Awaited<ReturnType<Vault['exportPage']>> = await vault.exportPage(await caller(), {
      collection: profile.collection, fields: names, after, limit: PAGE, leaves, detail: { counts: profile.name },
    }); // prettier-ignore
    for (const { subjectId, fields } of page.records) {
      // they come in the order of people
      if (subjectId === last) continue;
      last = subjectId;
      const group = names.map((name, at) => {
        const label = (fields[name]?.masked ?? null) as string | null;
        return labels[at]?.has(label) === true ? label : null;
      });
      const key = JSON.stringify(group);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    after = page.next;
  } while (after !== null);
  return counts;
}

export const viewAnswer = (row: AnswerRow): AnswerView => ({
  id: publicId('cnt', row.answer_id),
  recipient: row.recipient,
  purpose: row.purpose,
  by: row.query['by'] as string[],
  round: (row.query['round'] ?? null) as string | null,
  epsilonMilli: row.epsilon_milli,
  spentMilli: Number(row.spent_milli),
  cells: row.cells,
  at: row.at.toISOString(),
});

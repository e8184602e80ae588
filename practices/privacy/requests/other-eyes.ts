/** Who declined a request has no say in the appeal against that: neither in its answer nor in its end. */
import type { Statements } from '#platform/db';
import { whyNotOneOfTwo } from '#platform/two-people';

import type { By } from '../consent/consents.ts';
import { privacyFailure } from '../failures.ts';
import type { Proof } from './proof.ts';
import type { RequestRow } from '../store/requests.ts';

/** Whether anybody can sign in: then a key that nobody stands behind is not one of two. */
export type ArePeople = (tx: Statements) => Promise<boolean>;
export type Eyes = Readonly<{
  arePeople: ArePeople;
  /** The person who stands behind a key; null: nobody, or nobody knows. */
  behindKey: (statements: Statements, id: string) => Promise<string | null>;
}>;

/**
 * Before people were compared, whoever declined is named by their key. Its owner is looked up; where there is none, it may have
 * been any of those who are people now, and it takes two of them: one at least is another.
 * @throws PRIVACY_APPEAL_EYES, PRIVACY_PERSON_NEEDED
 */
export async function requireOther(statements: Statements, by: By, { state, refused_by }: RequestRow, { arePeople, behindKey }: Eyes): Promise<'one' | 'two'> {
  if (state !== 'appealed') return 'one';
  if (refused_by === by.actor.id) throw privacyFailure('APPEAL_EYES');
  const owner = refused_by === null || refused_by.startsWith('per_') ? refused_by : await behindKey(statements, refused_by);
  const whyNot = await whyNotOneOfTwo({ id: by.actor.id, person: by.person }, owner ?? refused_by, () => arePeople(statements));
  if (whyNot !== null) throw privacyFailure(whyNot === 'same person' ? 'APPEAL_EYES' : 'PERSON_NEEDED');
  return owner === null && (await arePeople(statements)) ? 'two' : 'one';
} // prettier-ignore

/** Once there are people, a vouch is of whoever stands behind its key; of a key of nobody it is none, where a person vouched too. */
export async function peopleIn(proofs: readonly Proof[], statements: Statements, { arePeople, behindKey }: Eyes): Promise<readonly Proof[]> {
  if (!proofs.some(({ by }) => by !== undefined) || !(await arePeople(statements))) return proofs;
  const named: Proof[] = [];
  for (const each of proofs) named.push(each.by === undefined || each.by.startsWith('per_') ? each : { ...each, by: (await behindKey(statements, each.by)) ?? each.by });
  const isPerson = ({ by }: Proof): boolean => by === undefined || by.startsWith('per_');
  return named.some((each) => each.by !== undefined && isPerson(each)) ? named.filter(isPerson) : named;
} // prettier-ignore

/** The same of what each who asked has shown. */
export async function surestIn({ surest }: Pick<RequestRow, 'surest'>, statements: Statements, eyes: Eyes): Promise<RequestRow['surest']> {
  const counted: RequestRow['surest'][number][] = [];
  for (const each of surest) counted.push({ ...each, proofs: await peopleIn(each.proofs, statements, eyes) });
  return counted;
} // prettier-ignore

/** Who agreed first, as it counts now: whoever stands behind a key. Of a key of nobody, once there are people, nobody did. */
export async function firstEyes({ first_eyes: first }: Pick<RequestRow, 'first_eyes'>, statements: Statements, { arePeople, behindKey }: Eyes): Promise<string | null> {
  if (first === null || first.startsWith('per_')) return first;
  return (await behindKey(statements, first)) ?? ((await arePeople(statements)) ? null : first);
} // prettier-ignore

/** As it counts, to be shown: two keys of one person are one who looked, or agreed. */
export async function asCounted(db: Statements, rows: readonly RequestRow[], eyes: Eyes): Promise<RequestRow[]> {
  let people: Promise<boolean> | null = null;
  const owners = new Map<string, Promise<string | null>>();
  const ownerOf: Eyes['behindKey'] = (statements, id) => {
    const owner = owners.get(id) ?? eyes.behindKey(statements, id);
    owners.set(id, owner);
    return owner;
  };
  // a list asks once, not once for each of its rows
  const once: Eyes = { arePeople: (tx) => (people ??= eyes.arePeople(tx)), behindKey: ownerOf };
  const counted: RequestRow[] = [];
  for (const row of rows)
    // what was answered keeps what it was answered on
    if (row.closed_at !== null) counted.push(row);
    else counted.push({ ...row, proofs: await peopleIn(row.proofs, db, once), first_eyes: await firstEyes(row, db, once) });
  return counted;
} // prettier-ignore

const same = (a: Buffer | null, b: Buffer | null): boolean => (a === null ? b === null : b !== null && a.equals(b));
/** Whether nobody has said anything about it since. */
export const isSameTalk = (row: RequestRow, seen: RequestRow): boolean => same(row.talk, seen.talk);
export const isAsSeen = (row: RequestRow, seen: RequestRow): boolean =>
  row.state === seen.state && isSameTalk(row, seen) && same(row.corrections, seen.corrections);

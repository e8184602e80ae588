/**
 * What a violation stands on: an entry of the log, by number and hash, in which the person acted themselves.
 *
 * INVARIANT: what somebody did in order to learn, to report or to be tested is no source: nothing of this practice is, nor
 * what they did with customers that were made up for an exercise.
 */
import type { Statements } from '#platform/db';
import { leafHash } from '#platform/tlog';
import { parsePublicId, type Uuid } from '#platform/ids';

import { violationFailure } from './failures.ts';
import { exercisedBy, reportedBetween, wasInExercise } from '../store/violations.ts';
import type { ViolationNeeds } from './needs.ts';
import { TIMES } from './times.ts';

export type Source = Readonly<{
  entry: number;
  /** Of the leaf, base64url: SHA-256(0x00 ‖ bytes). */
  hash: string;
  at: Date;
  action: string;
  /** Who acted, as the entry has it: a person, or a key. */
  actor: string;
  says: string;
  /** People who stand in it, whatever as. */
  people: readonly string[];
  subjects: readonly string[];
  ofCustomers: boolean;
}>;

type Entry = Readonly<{
  ts: string;
  action: string;
  outcome?: string;
  purpose?: string;
  actor: Readonly<{ kind: string; id: string; role?: string }>;
  subjects?: readonly string[];
  subjectSet?: Readonly<{ count: number }>;
}>;

const DID: Readonly<Record<string, string>> = {
  'vault.read': 'customers were read',
  'vault.search': 'customers were searched for',
  'vault.find': 'a customer was looked for',
  'vault.export': 'customers were exported',
  'vault.write': 'data of customers was changed',
  'vault.detokenise': 'tokens were turned into what they stand for',
  'vault.download': 'an attachment was downloaded',
  'vault.look': 'customers were looked at',
  'vault.tokenise': 'customers were turned into tokens',
  'vault.delete': 'data of customers was deleted',
  'vault.attachments': 'attachments of customers were listed',
  'collection.export.run': 'an export was run',
  'privacy.request.read': 'a request of a customer was read',
  'access.session.begin': 'somebody signed in with this account',
  'access.factor.passkey.add': 'a passkey was added to this account',
  'access.key.create': 'a key was made',
  'access.key.revoke': 'a key was ended',
  'access.person.roles': 'roles of somebody were changed',
  'access.grant.request': 'access for a time was asked for',
  'access.grant.approve': 'access for a time was approved',
  'access.grant.break-glass': 'glass was broken',
};

/** @throws EDUCATION_SOURCE_REFUSED where there is no such entry */
export async function readSource({ audit }: Pick<ViolationNeeds, 'audit'>, entry: number): Promise<Source> {
  const rows = entry < (await audit.size()) ? await audit.read(entry, entry + 1) : [];
  const row = rows.find(({ index }) => index === entry);
  const found = row === undefined ? null : parse(row.bytes);
  if (row === undefined || found === null) throw violationFailure('SOURCE_REFUSED', { detail: 'the log has no such entry' });
  const { ts, action, actor, outcome, purpose, subjects = [], subjectSet } = found;
  const of = subjectSet?.count ?? subjects.length;
  const parts = [
    DID[action] ?? `something was done that the log calls ${action}`,
    ...(of === 0 ? [] : [`of ${of === 1 ? 'one customer' : `${of} customers`}`]),
    ...(purpose === undefined ? [] : [`for the purpose ${purpose}`]),
    ...(actor.role === undefined ? [] : [`in the role ${actor.role}`]),
    ...(actor.id.startsWith('key_') ? ['by a key'] : []),
    ...(outcome === 'done' ? [] : ['and it was not let through']),
  ];
  return {
    entry, at: new Date(ts), action, actor: actor.id, subjects, ofCustomers: of > 0,
    hash: leafHash(row.bytes).toString('base64url'),
    says: `${ts.slice(0, 16).replace('T', ' ')} UTC: ${parts.join(', ')}`,
    people: [...new Set(row.bytes.toString('utf8').match(/\bper_[0-9a-z]{26}\b/g) ?? [])],
  };
} // prettier-ignore

/** @throws EDUCATION_SOURCE_REFUSED: forged, somebody else's, practice, or reported by themselves */
export async function checkSource(
  needs: Pick<ViolationNeeds, 'audit' | 'db' | 'gate' | 'keysOf' | 'pseudonymOf'>,
  person: string,
  { entry, hash, intent }: Readonly<{ entry: number; hash: string; intent: boolean }>,
): Promise<Source> {
  const refuse = (detail: string) => violationFailure('SOURCE_REFUSED', { detail });
  const source = await readSource(needs, entry);
  if (source.hash !== hash) throw refuse('the entry of this number has another hash');
  if (source.actor !== person && !(await needs.keysOf(person)).includes(source.actor)) throw refuse('somebody else acted in this entry');
  if (source.action.startsWith('education.')) throw refuse('what somebody does to learn, to report or to be tested is no violation');
  const uuid = parsePublicId('per', person) as Uuid;
  const exercised = await exercisedBy(needs.db, uuid);
  const madeUp = new Set(exercised.subjects.map((each) => needs.pseudonymOf(each as never)));
  if (exercised.entries.includes(BigInt(entry)) || (source.subjects.length > 0 && source.subjects.every((each) => madeUp.has(each))))
    throw refuse('it was an exercise');
  // a search in an exercise that found nobody
  if (!source.ofCustomers && (await wasInExercise(needs.db, uuid, source.at))) throw refuse('it was an exercise');
  // what was done on purpose becomes no mistake by being reported; whatever was not, does
  if (!intent && (await reportedThemselves(needs.db, person, source.at, needs.gate.now()))) throw refuse('they reported it themselves');
  return source;
} // prettier-ignore

/**
 * Within 24 hours of it, and later as long as none was opened: when they noticed it nobody knows but them.
 * @param openedAt of the violation, or now
 */
export function reportedThemselves(db: Statements, person: string, at: Date, openedAt: Date): Promise<boolean> {
  const until = Math.max(at.getTime() + TIMES.ownReportHours * 3_600_000, openedAt.getTime());
  return reportedBetween(db, parsePublicId('per', person) as Uuid, person, at, new Date(until));
}

function parse(bytes: Buffer): Entry | null {
  try {
    const entry = JSON.parse(bytes.toString('utf8')) as Entry;
    return !Number.isNaN(Date.parse(entry.ts)) && typeof entry.actor?.id === 'string' && typeof entry.action === 'string' ? entry : null; // prettier-ignore
  } catch {
    return null;
  }
}

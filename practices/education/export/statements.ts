/**
 * Learning history as xAPI statements. Source: xAPI 1.0.3 Data §2.4 (what a statement has), §2.3.2 (voiding), §2.4.6 (context;
 * `revision` and `platform` of activities alone). Verbs and types of ADL, Activity Streams and the Tin Can registry; of those
 * that nobody has, our own under the address of this installation.
 *
 * INVARIANT: the same thing has the same id each time it leaves, and a whole statement of its own: an LRS that has it keeps one.
 * No id can be computed from a number that somebody else has (that of a certificate), and no name or mail address is in any.
 */
import { createHmac, type KeyObject } from 'node:crypto';

import { publicId, uuidText } from '#platform/ids';

import { actorOfPerson, pseudonymOfPerson, type LearnerActor } from '../packages/pseudonym.ts';
import type { DutyKind } from '../store/duties.ts';
import type { HistoryKind, HistoryRow } from '../store/history.ts';

export type StatementNeeds = Readonly<{
  actorKey: KeyObject;
  /** Address of this installation: where accounts, courses and policies are ones. */
  site: string;
  /** As it is called today, and in which language. */
  titleOf: (kind: DutyKind, id: string) => Readonly<{ title: string; locale: string }>;
}>;
export type Told = Omit<HistoryRow, 'what'> & Readonly<{ what: HistoryKind | 'expired' }>;

export type Statement = Readonly<{
  id: string;
  actor: LearnerActor;
  verb: Readonly<{ id: string; display: Readonly<Record<string, string>> }>;
  object: object;
  result?: object;
  context?: object;
  timestamp: string;
}>;

const ADL = 'http://adlnet.gov/expapi';
const VERBS: Readonly<Record<Exclude<Told['what'], 'revoked'>, string>> = {
  registered: `${ADL}/verbs/registered`,
  launched: `${ADL}/verbs/launched`,
  passed: `${ADL}/verbs/passed`,
  failed: `${ADL}/verbs/failed`,
  voided: `${ADL}/verbs/voided`,
  acknowledged: 'http://activitystrea.ms/schema/1.0/acknowledge',
  expired: 'http://id.tincanapi.com/verb/expired',
};
const TYPES: Readonly<Record<DutyKind, string>> = {
  course: `${ADL}/activities/course`,
  policy: 'http://id.tincanapi.com/activitytype/document',
  drill: `${ADL}/activities/simulation`,
};
const PLACES: Readonly<Record<DutyKind, string>> = { course: 'courses', policy: 'policies', drill: 'drills' };

export function statementOf({ actorKey, site: given, titleOf }: StatementNeeds, told: Told): Statement {
  const { what, kind, text_id, hash, at } = told;
  const site = given.replace(/\/+$/, '');
  const person = publicId('per', told.person_id);
  const { title, locale } = titleOf(kind, text_id);
  const verb = { id: what === 'revoked' ? `${site}/education/xapi/verbs/revoked` : VERBS[what], display: { en: what } };
  const result = resultOf(told, site);
  const idOf = (verbOf: Told['what'], key: string): string => statementId(actorKey, given, verbOf, key);
  // a text that changes may end what was passed sooner than it was told: another end is another statement
  const id = idOf(what, what === 'expired' ? `${told.key} ${at.toISOString()}` : told.key);
  const timestamp = at.toISOString();
  // who takes it back is the system, and what is taken back is the statement
  if (what === 'voided')
    return { id, actor: systemActor(actorKey, given), verb, object: { objectType: 'StatementRef', id: idOf('revoked', told.key) }, timestamp };
  return {
    id,
    actor: actorOfPerson({ actorKey, site: given }, person),
    verb,
    object: {
      objectType: 'Activity',
      id: `${site}/education/${PLACES[kind]}/${text_id}`,
      definition: { name: { [locale]: title }, type: TYPES[kind] },
    },
    ...(result === null ? {} : { result }),
    context: { platform: 'Strongroom', ...(hash === null ? {} : { revision: hash }) },
    timestamp,
  };
} // prettier-ignore

const systemActor = (actorKey: KeyObject, site: string): LearnerActor => ({
  objectType: 'Agent',
  account: { homePage: site, name: pseudonymOfPerson(actorKey, 'system') },
});

function resultOf({ what, right, asked, evidence }: Told, site: string): object | null {
  if (what !== 'passed' && what !== 'failed') return null;
  const score = right === null || asked === null || asked === 0 ? {} : { score: { scaled: Math.floor((10_000 * right) / asked) / 10_000, raw: right, min: 0, max: asked } }; // prettier-ignore
  // a course made elsewhere said so by itself
  const said = evidence === 'client' ? { extensions: { [`${site}/education/xapi/evidence`]: evidence } } : {};
  return { success: what === 'passed', ...score, ...said };
}

/**
 * An installation that moves to another address tells all of it anew, as of other accounts: its ids are others as well.
 * A UUID in the form of version 5 (RFC 9562 §5.5), its bits from HMAC-SHA-256 under the key of pseudonyms.
 */
export function statementId(actorKey: KeyObject, site: string, what: Told['what'], key: string): string {
  const bytes = new Uint8Array(createHmac('sha256', actorKey).update(`strongroom.statement\n${site}\n${what}\n${key}`).digest().subarray(0, 16)); // prettier-ignore
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return uuidText(bytes);
}

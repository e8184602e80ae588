/** Opening one: by somebody, about somebody else, on an entry of the log. The system opens none. */
import { hmacSha256 } from '#platform/crypto';
import { transact } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import { violationFailure } from './failures.ts';
import type { Policy } from '../policies/policy.ts';
import {
  awayOf,
  confirmedBefore,
  findViolation,
  insertViolation,
  insertWord,
  markTried,
  reporterOf,
} from '../store/violations.ts';
import { versionsOfDuty, type Library } from '../texts/library.ts';
import { RUNGS, rungsOpen, USUAL_LADDER_MONTHS, type Rung } from './ladder.ts';
import type { Opened } from './needs.ts';
import { checkSource } from './source.ts';
import { TIMES, whereIs } from './times.ts';

export type ToOpen = Readonly<{
  person: string;
  policy: string;
  /** Of the log, and what the entry's leaf hashes to. */
  entry: number;
  hash: string;
  /** What happened, and which rule it touches. */
  says: string;
  /** On purpose; otherwise it was carelessness. */
  intent: boolean;
  /** The hardest that it touches; null: as hard as the ladder lets it. */
  rung: Rung | null;
  /** Which teaches the rule; needed where the rungs come to it. */
  course: string | null;
  /** Incidents, findings, cases. */
  about: readonly string[];
  /** Who is too near to decide: whom it harmed, whose report they are. */
  apart: readonly string[];
}>;

export const violationId = (uuid: Uuid): string => publicId('vio', uuid);
/** @throws EDUCATION_VIOLATION_NOT_FOUND */
export function violationUuid(id: string): Uuid {
  const uuid = parsePublicId('vio', id);
  if (uuid === null) throw violationFailure('VIOLATION_NOT_FOUND');
  return uuid;
}

/** Who acts here is a person, whatever key or session they have: keys are not counted. @throws EDUCATION_NOT_YOURS */
export function personOf({ person }: By): string {
  if (person === undefined) throw violationFailure('NOT_YOURS', { detail: 'nobody stands behind this key' });
  return person;
}

/** The very version that was named when it was opened. */
export function policyOf(library: Library, id: string, hash: string): Policy {
  const version = library.versions('policy', id).find((each) => each.hash === hash);
  if (version === undefined) throw educationFailure('TEXT_NOT_FOUND');
  return version.text();
}

/** Two, and one for an appeal: what is opened where nobody can decide has no end. */
const DECIDERS = 3;
/** Under the key of the words: whoever has it can tell that an entry is the one, and nobody else. */
const SOURCE_MARK = 'strongroom/violations/source/1';
const TRIED_MARK = 'strongroom/violations/tried/1';
const invalid = (detail: string) => violationFailure('VIOLATION_INVALID', { detail });

/** @returns its id */
export async function openViolation(needs: Opened, by: By, wanted: ToOpen): Promise<string> {
  const { db, gate, words, audit, zone } = needs;
  const opener = personOf(by);
  const { person, policy, course, intent, about, apart } = wanted;
  if (person === opener) throw violationFailure('NOT_YOURS', { detail: 'nobody opens one about themselves' });
  await gate.refresh();
  const library = await gate.library();
  const text = library.newest('policy', policy)?.text();
  if (text === undefined) throw educationFailure('TEXT_NOT_FOUND');
  const staff = new Set((await needs.people()).map(({ id }) => id));
  if (!staff.has(person) || apart.some((each) => !staff.has(each))) throw educationFailure('PERSON_NOT_FOUND');
  const source = await checkSource(needs, person, wanted);
  for (const each of about) {
    const incident = parsePublicId('inc', each);
    const reporter = incident === null ? null : await reporterOf(db, incident);
    if (incident !== null && reporter === null) throw educationFailure('INCIDENT_NOT_FOUND');
    if (reporter === person) throw violationFailure('SOURCE_REFUSED', { detail: 'they reported that incident themselves' });
    if (incident === null && !(await needs.isThere(each))) throw invalid(`there is nothing of the id ${each}`);
  }
  const now = gate.now();
  const person_id = parsePublicId('per', person) as Uuid;
  const key = { violation_id: null, person_id, policy, event_at: source.at };
  const open = rungsOpen(text.ladder, intent, await confirmedBefore(db, key, monthsOf(text)));
  const rung = wanted.rung ?? (open.at(-1) as Rung);
  if (!open.includes(rung)) throw violationFailure('LADDER', { extra: { allowed: ['none', ...open] } });
  const teaches = RUNGS.indexOf(rung) >= RUNGS.indexOf('course-again') && open.includes('course-again');
  if (teaches && course === null) throw invalid('it may come to the course again: say which one teaches the rule, as `course`');
  if (course !== null && versionsOfDuty(library, 'course', course).length === 0) throw educationFailure('TEXT_NOT_FOUND');
  const { tell, reviewers } = await needs.outside();
  const near = new Set([opener, person, ...apart, ...source.people]);
  const left = reviewers.filter((each) => !near.has(each)).length;
  if (left < DECIDERS) throw invalid(`${left} of those who may decide are left: two decide, and a third hears an appeal`);
  const uuid = uuidv7(now.getTime());
  const id = violationId(uuid);
  await transact(db, async (tx) => {
    const made = await insertViolation(tx, {
      violation_id: uuid, person_id, policy, policy_hash: text.hash, intent, rung, course, entry: BigInt(wanted.entry), entry_hash: Buffer.from(source.hash, 'base64url'),
      event_at: source.at, about: [...new Set(about)], apart: [...new Set([...apart, ...source.people.filter((each) => each !== person)])], opened_by: opener, opened_at: now,
    });
    const tried = hmacSha256(needs.wordsKey, TRIED_MARK, Buffer.from(`${person} ${policy} ${wanted.entry}`));
    if (!made || !(await markTried(tx, tried, now))) throw violationFailure('VIOLATION_STATE', { detail: 'this entry was held against them before, under the same policy' });
    await insertWord(tx, { violation_id: uuid, seq: 1, kind: 'opened', at: now, who: opener, choice: null, sealed: words.seal(uuid, 1, wanted.says) });
    const row = await findViolation(tx, uuid);
    const until = row === null ? null : whereIs(row, await awayOf(tx, person_id), zone, now).statementUntil;
    // before the first entry, which holds the head of the log
    await tell(tx, { step: 'told', violation: id, person, until });
    await tell(tx, { step: 'begun', violation: id, person, until });
    // whom it is about, and the entry that names them, stand in none of ours: who may read the log is not who may read this
    const mark = hmacSha256(needs.wordsKey, SOURCE_MARK, Buffer.from(`${id} ${source.hash}`)).toString('base64url');
    await audit.appendIn(tx, {
      action: 'education.violation.open', actor: by.actor, outcome: 'done', requestId: by.requestId,
      detail: { violation: id, policy, hash: text.hash, source: mark, intent, rung },
    });
  });
  return id;
} // prettier-ignore

export const monthsOf = ({ ladderMonths }: Policy): number =>
  Math.min(ladderMonths ?? USUAL_LADDER_MONTHS, TIMES.keptMonths);

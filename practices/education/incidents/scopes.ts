/** Scopes of an incident: asked of the log, kept as they were found, named again for who reads them. */
import { parsePublicId, publicId, uuidText, uuidv7, subjectIdText, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { timeText } from '../standing/zone.ts';
import { educationFailure } from '../failures.ts';
import { madeUpBetween } from '../store/exercises.ts';
import { findIncident } from '../store/incidents.ts';
import {
  findScopeRow,
  insertScope,
  scopesOf,
  pseudonymsOf,
  scopeSubjects,
  type ScopeLine,
  type ScopeRow,
} from '../store/scopes.ts';
import { changeIncident, incidentUuid } from './changes.ts';
import { createNaming } from './naming.ts';
import type { IncidentNeeds } from './needs.ts';
import { criteriaOut, findScope, totalsOf, type Criteria, type Found, type Totals, type Unknown } from './scope.ts';
import type { Words } from './words.ts';

export type ScopeView = Readonly<{
  id: string;
  criteria: ReturnType<typeof criteriaOut>;
  logSize: number;
  askedBy: string;
  askedAt: string;
  /** SHA-256 of all that was found. */
  hash: string;
  totals: Totals;
  unknown: Unknown;
  /** The unknown part in words: never empty, for no log tells of what went past it. */
  says: readonly string[];
}>;
export type Concerned = Readonly<{ pseudonym: Uuid; /** Null: erased since. */ subject: string | null }> & Found;
export type ConcernedPage = Readonly<{ subjects: readonly Concerned[]; next: string | null }>;

export type Scopes = Readonly<{
  /** Asks the log, as it is now. @throws EDUCATION_INCIDENT_NOT_FOUND, EDUCATION_INCIDENT_INVALID */
  ask: (by: By, incident: string, criteria: Criteria) => Promise<ScopeView>;
  list: (incident: string) => Promise<readonly ScopeView[]>;
  /** Who was concerned. @throws EDUCATION_SCOPE_NOT_FOUND */
  subjects: (by: By, incident: string, scope: string, page: Readonly<{ after: string | null; limit: number }>) => Promise<ConcernedPage>;
  /** The log's own proof of an entry that was found. @throws EDUCATION_SCOPE_NOT_FOUND, AUDIT_NOT_PUBLISHED */
  proof: (incident: string, scope: string, entry: number) => Promise<string>;
}>; // prettier-ignore

/** An entry of the log has a hash of more than these. */
const NAMED_IN_ENTRY = 16;

export function createScopes(needs: IncidentNeeds & Readonly<{ words: Words }>): Scopes {
  const { db, clock, audit } = needs;
  const naming = createNaming(needs);
  const find = async (incident: string, scope: string): Promise<ScopeRow> => {
    const uuid = parsePublicId('scp', scope);
    const row = uuid === null ? null : await findScopeRow(db, incidentUuid(incident), uuid);
    if (row === null) throw educationFailure('SCOPE_NOT_FOUND');
    return row;
  };
  return {
    ask: async (by, incident, criteria) => {
      if (criteria.actors.length + criteria.grants.length + criteria.requests.length === 0 || criteria.from > criteria.to)
        throw educationFailure('INCIDENT_INVALID', { detail: 'a scope is of actors, grants or requests, in a time that ends after it begins' });
      if ((await findIncident(db, incidentUuid(incident))) === null) throw educationFailure('INCIDENT_NOT_FOUND');
      const madeUp = async (from: Date, to: Date): Promise<ReadonlySet<Uuid>> =>
        new Set((await madeUpBetween(db, from, to)).map((each) => uuidText(Buffer.from(needs.pseudonymOf(each), 'base64url'))));
      const found = await findScope({ ...needs, madeUp }, criteria);
      const totals = totalsOf(found);
      const row = {
        scope_id: uuidv7(clock().getTime()), incident_id: incidentUuid(incident), criteria: criteriaOut(criteria), log_size: found.logSize,
        asked_by: by.actor.id, asked_at: clock(), hash: found.hash, totals, unknown: found.unknown as never, entries: found.entries,
      };
      // it adds to what is known, whatever else was written down meanwhile
      await changeIncident(needs, by, incident, null, async (tx) => {
        await insertScope(tx, row, [...found.subjects].map(([pseudonym, each]) => ({ pseudonym, found: each })));
        const { actors, grants, requests, from, to } = row.criteria;
        return { kind: 'scope', detail: { scope: publicId('scp', row.scope_id), hash: found.hash, subjects: totals.subjects, actors, grants, requests, from, to } };
      });
      return viewOf({ ...row, log_size: BigInt(row.log_size) });
    },
    list: async (incident) => (await scopesOf(db, [incidentUuid(incident)])).map(viewOf),
    subjects: async (by, incident, scope, { after, limit }) => {
      const row = await find(incident, scope);
      const rows = await scopeSubjects(db, row.scope_id, after as Uuid | null, limit);
      const names = await naming.of(row.scope_id, rows.map(({ pseudonym }) => pseudonym), async () => new Set(await pseudonymsOf(db, row.scope_id)));
      const { index } = await audit.append({
        action: 'education.incident.subjects', actor: by.actor, outcome: 'done', requestId: by.requestId, subjects: [...names.values()],
        detail: { incident, scope, subjects: rows.length },
      });
      if (names.size > NAMED_IN_ENTRY) await needs.noteBatch(index, [...names.values()]);
      const subjects = rows.map(({ pseudonym, found }) => {
        const subject = names.get(pseudonym);
        return { pseudonym, subject: subject === undefined ? null : subjectIdText(subject), ...(found as Found) };
      });
      return { subjects, next: rows.length === limit ? (rows.at(-1)?.pseudonym ?? null) : null };
    },
    proof: async (incident, scope, entry) => {
      const row = await find(incident, scope);
      if (!row.entries.includes(BigInt(entry))) throw educationFailure('SCOPE_NOT_FOUND');
      return audit.prove(entry, { withEntry: true });
    },
  };
} // prettier-ignore

/** Of those that were asked before these were told apart. */
const BEFORE = { madeUp: 0, unseen: [], uncounted: [], disordered: 0, notAsked: [], notYet: null } as const;

export function viewOf(row: ScopeLine): ScopeView {
  const unknown: Unknown = { ...BEFORE, ...(row.unknown as unknown as Unknown) };
  return {
    id: publicId('scp', row.scope_id), criteria: row.criteria as never, logSize: Number(row.log_size), askedBy: row.asked_by,
    askedAt: row.asked_at.toISOString(), hash: row.hash, totals: row.totals as never, unknown, says: sayUnknown(unknown),
  };
} // prettier-ignore

export function sayUnknown(unknown: Unknown): readonly string[] {
  const { unnamed, uncounted, madeUp, missing, unreadable, unpublished, tampered, unlogged, unseen, disordered, notAsked, notYet } = unknown;
  return [
    ...(unseen.length > 0 ? [`nothing at all of ${unseen.join(', ')} is in the log of that time: is it written as it is?`] : []),
    ...(notAsked.length > 0 ? [`these people also made ${notAsked.join(', ')}: whoever made a key may know it, ask for those too`] : []),
    ...(unnamed.entries.length > 0 ? [`${unnamed.entries.length} entries name nobody, only how many: up to ${unnamed.subjectsAtMost} people more`] : []),
    ...(uncounted.length > 0 ? [`${uncounted.length} entries do not say of how many they are: words or letters that were read, or holders whom nobody knows by name`] : []),
    ...(madeUp > 0 ? [`${madeUp} more in these entries were made up for exercises: they are nobody`] : []),
    ...(missing > 0 ? [`${missing} entries of that time are gone from the log: run \`strongroom audit verify\``] : []),
    ...(unreadable > 0 ? [`${unreadable} entries of that time cannot be read: run \`strongroom audit verify\``] : []),
    ...(tampered ? ['this server found that the log was changed: what it says is not sure'] : []),
    ...(disordered > 0 ? [`at ${disordered} places of that time the log's clock goes back: ask for more time on both sides, and run \`strongroom audit verify\``] : []),
    ...(unpublished > 0 ? [`${unpublished} entries are not published yet and have no proof so far`] : []),
    ...(unlogged > 0 ? [`${unlogged} alarms of that time say that more left the machines than the log tells of`] : []),
    ...(notYet === null ? [] : [`the time was not over: what came after ${timeText(new Date(notYet))} is not in it`]),
    'what did not go through this system is not in its log: copies of the database, backups, screens, what was told further',
  ];
} // prettier-ignore

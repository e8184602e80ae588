/** Events of subjects: what periods begin at. Recorded in batches, as often as one likes: the same event is one event. */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements, type Tx } from '#platform/db';
import { isFailure, type Failure } from '#platform/failure';
import { parseSubjectId, subjectIdText, type SubjectId } from '#platform/ids';
import { parseInstant } from '#platform/instant';
import type { VaultRetention } from '#practices/vault';

import type { Catalog } from '../catalog.ts';
import { collectionFailure } from '../failures.ts';
import { allEventsOf, eventsOf, insertEvents, type NewEvent, type NotedEvent } from '../store/events.ts';
import { eventBy, type By } from './by.ts';
import { CONSENT_WITHDRAWN, consentEvents, fateOf } from './due.ts';
import { ATTACHMENTS, endedUses } from './record-fate.ts';

export type EventItem = Readonly<{
  subject: Readonly<{ id?: string | undefined; collection?: string | undefined; externalId?: string | undefined }>;
  event: string;
  /** RFC 3339; left out: now. */
  at?: string | undefined;
  purpose?: string | undefined;
  state?: 'happened' | 'undone' | undefined;
}>;
export type EventOutcome =
  | Readonly<{ status: 'recorded' | 'known'; subjectId: string }>
  | Readonly<{ status: 'rejected'; failure: Failure }>;
export type Events = {
  record: (by: By, items: readonly EventItem[]) => Promise<readonly EventOutcome[]>;
  /** For the subject's own copy; who calls it has decided. */
  of: (subjectId: SubjectId) => AsyncGenerator<NotedEvent>;
};

/** A clock elsewhere may be ahead. */
const AHEAD_MS = 5 * 60_000;
/** The system knows these itself. */
const OWN = new Set(['record.created', 'record.updated']);

export function createEvents(
  needs: Readonly<{
    db: Db;
    audit: Pick<Audit, 'appendIn'>;
    clock: () => Date;
    catalog: () => Catalog;
    vault: Pick<VaultRetention, 'subjectsOf' | 'living' | 'stay' | 'lock' | 'stop'>;
    holdCatalog: (tx: Statements) => Promise<boolean>;
    refreshCatalog: () => Promise<void>;
  }>,
): Events {
  const { db, audit, clock, catalog, vault } = needs;
  return {
    of: (subjectId) => allEventsOf(db, subjectId),
    record: async (by, items) => {
      const now = clock();
      const subjects = await subjectsOf(vault, items);
      const asked = items.map((item, at) => {
        try {
          return checkEvent(catalog(), item, subjects[at] ?? null, now);
        } catch (thrown) {
          if (isFailure(thrown)) return thrown;
          throw thrown;
        }
      });
      const { checked, events, fresh } = await transact(db, async (tx) => {
        const there = await vault.stay(
          tx,
          asked.flatMap((each) => (isFailure(each) ? [] : [each.subjectId])),
        );
        // erased since it was looked up: what were noted of it now would be there for ever
        const checked = asked.map((each) => (isFailure(each) || there.has(each.subjectId) ? each : nobody()));
        const events = checked.filter((each): each is NewEvent => !isFailure(each));
        const found = await insertEvents(tx, events, { at: now, by: by.actor.id });
        const added = events.filter((_, at) => found[at]);
        if (added.length > 0)
          await audit.appendIn(tx, {
            action: 'collection.event', ...eventBy(by), outcome: 'done', subjects: added.map((each) => each.subjectId),
            detail: { events: [...new Set(added.map(({ event }) => event))], count: added.length },
          }); // prettier-ignore
        return { checked, events, fresh: found };
      });
      // also for those that were known: who asked before may have been cut off in between
      const withdrawn = events.filter(({ event }) => event === CONSENT_WITHDRAWN).map((each) => each.subjectId);
      for (const subjectId of new Set(withdrawn)) await stopAtOnce(needs, subjectId, now);
      let place = 0;
      return checked.map((each): EventOutcome => {
        if (isFailure(each)) return { status: 'rejected', failure: each };
        const isNew = fresh[place] === true;
        place += 1;
        return { status: isNew ? 'recorded' : 'known', subjectId: subjectIdText(each.subjectId) };
      });
    },
  };
}

async function subjectsOf(
  vault: Pick<VaultRetention, 'subjectsOf' | 'living'>,
  items: readonly EventItem[],
): Promise<(SubjectId | null)[]> {
  const found = items.map(({ subject }) => (subject.id === undefined ? null : parseSubjectId(subject.id)));
  const named = new Map<string, number[]>();
  items.forEach(({ subject: { id, collection, externalId } }, at) => {
    if (id === undefined && collection !== undefined && externalId !== undefined)
      named.set(collection, [...(named.get(collection) ?? []), at]);
  });
  for (const [collection, places] of named) {
    const ids = await vault.subjectsOf(collection, places.map((at) => items[at]?.subject.externalId as string)); // prettier-ignore
    places.forEach((at, n) => (found[at] = ids[n] ?? null));
  }
  const living = await vault.living(found.filter((id): id is SubjectId => id !== null));
  return found.map((id) => (id !== null && living.has(id) ? id : null));
}

const invalid = (field: string, detail: string): Failure =>
  collectionFailure('EVENT_INVALID', { detail, extra: { field } });
const nobody = (): Failure => invalid('subject', 'there is no such subject');

function checkEvent(catalog: Catalog, item: EventItem, subjectId: SubjectId | null, now: Date): NewEvent {
  if (!catalog.events.has(item.event) || OWN.has(item.event))
    throw invalid(
      'event',
      OWN.has(item.event) ? 'the system knows this event itself' : 'the catalogue declares no such event',
    );
  if (item.purpose !== undefined && !catalog.purposes.has(item.purpose))
    throw invalid('purpose', 'the catalogue declares no such purpose');
  const at = item.at === undefined ? now : parseInstant(item.at);
  if (at === 'form') throw invalid('at', 'a time is written as RFC 3339 has it, with its zone');
  if (at === null) throw invalid('at', 'there is no such time');
  if (at.getTime() > now.getTime() + AHEAD_MS)
    throw invalid('at', 'this is in the future: record it when it has happened');
  if (subjectId === null) throw nobody();
  return { subjectId, event: item.event, purpose: item.purpose ?? null, at, state: item.state ?? 'happened' };
}

/** Versions follow each other by what two people do: more in a row than this is no race. */
const TRIES = 5;

/** A withdrawn consent holds from the next read on; one that is given again too. Nothing is taken away. */
async function stopAtOnce(
  needs: Omit<Parameters<typeof createEvents>[0], 'audit' | 'clock'>,
  subjectId: SubjectId,
  now: Date,
): Promise<void> {
  const { db, catalog, vault } = needs;
  // INVARIANT: uses are stopped by the version that holds until the end of the transaction: a field that got this purpose a
  // moment ago is among them
  const stop = async (tx: Tx): Promise<'stopped' | 'stale'> => {
    if (!(await needs.holdCatalog(tx))) return 'stale';
    const held = await vault.lock(tx, subjectId);
    const recorded = (await eventsOf(tx, [subjectId])).get(subjectId) ?? [];
    const events = [...recorded, ...consentEvents(held?.consents ?? null)];
    for (const record of held?.records ?? []) {
      const spec = record.collection === null ? undefined : catalog().collections.get(record.collection);
      if (spec === undefined) continue;
      const kept = new Set(record.stopped);
      for (const name of [...record.fields, ...(record.attachments > 0 ? [ATTACHMENTS] : [])]) {
        const field = name === ATTACHMENTS ? spec.attachments : spec.fields.get(name);
        if (field === null || field === undefined) continue;
        const ended = new Set(endedUses(fateOf(field, { times: record, events }), now, field.purposes, 'consent'));
        for (const { id, requiresConsent, retention } of field.purposes) {
          if (ended.has(id)) kept.add(`${name} ${id}`);
          else if (requiresConsent || retention.action === 'stop-use') kept.delete(`${name} ${id}`);
        }
      }
      const uses = [...kept].toSorted();
      if (uses.join() !== record.stopped.toSorted().join())
        await vault.stop(tx, { subjectId, recordNo: record.recordNo }, uses, CONSENT_WITHDRAWN);
    }
    return 'stopped';
  };
  for (let tries = 0; (await transact(db, stop)) === 'stale'; tries += 1) {
    if (tries === TRIES) throw collectionFailure('CATALOG_CHANGED');
    await needs.refreshCatalog();
  }
}

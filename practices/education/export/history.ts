/**
 * Learning history that leaves: one person after the other, each from the first thing on, however many there are. Nothing
 * of it goes before who asked for it is in the log.
 */
import { setImmediate } from 'node:timers/promises';

import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import { parsePublicId, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { holds } from '../certificates/holds.ts';
import { educationFailure } from '../failures.ts';
import type { Gate } from '../standing/gate.ts';
import type { Person } from '../standing/requirements.ts';
import type { Zone } from '../standing/zone.ts';
import { HISTORY_KINDS, historyRows, type HistoryRow } from '../store/history.ts';
import { titleOfDuty, versionsOfDuty, type Library } from '../texts/library.ts';
import { statementOf, type StatementNeeds, type Told } from './statements.ts';

export type HistoryToExport = Readonly<{
  /** Null: everybody who works here, as in the overview of the training team. */
  person: string | null;
  /** Null: from the beginning. */
  since: Date | null;
  /** lines: a statement on each; array: one JSON array, as POST statements of an LRS takes it. */
  form: 'array' | 'lines';
}>;

export type HistoryExports = {
  /** @returns once the log has it. @throws EDUCATION_PERSON_NOT_FOUND, AUDIT_UNAVAILABLE */
  xapi: (by: By, wanted: HistoryToExport) => Promise<AsyncGenerator<Buffer>>;
};

export type HistoryNeeds = Readonly<
  {
    db: Db;
    audit: Pick<Audit, 'append'>;
    gate: Gate;
    zone: Zone;
    people: () => Promise<readonly Person[]>;
    /** Also of somebody who has left. */
    nameOf: (person: string) => Promise<string | null>;
  } & Omit<StatementNeeds, 'titleOf'>
>;

/** What is held at once. */
const PEOPLE_AT_A_TIME = 50;

export function createHistoryExports(needs: HistoryNeeds): HistoryExports {
  const { db, audit, gate, people } = needs;
  return {
    xapi: async (by, { person, since, form }) => {
      await gate.refresh();
      const all = person === null ? (await people()).map(({ id }) => id) : [person];
      const ids = all.flatMap((id) => parsePublicId('per', id) ?? []).toSorted();
      if (person !== null && (ids.length === 0 || (await needs.nameOf(person)) === null))
        throw educationFailure('PERSON_NOT_FOUND');
      await audit.append({
        action: 'education.history.export', actor: by.actor, outcome: 'done', requestId: by.requestId,
        detail: { as: 'xapi', form, of: person ?? 'everybody', people: ids.length, ...(since === null ? {} : { since: since.toISOString() }) },
      });
      const library = await gate.library();
      return written(statements(needs, library, ids, since), form);
    },
  };

  async function* statements(of: HistoryNeeds, library: Library, ids: readonly Uuid[], since: Date | null): AsyncGenerator<string> {
    const about: StatementNeeds = { ...of, titleOf: (kind, id) => ({ title: titleOfDuty(library, kind, id), locale: versionsOfDuty(library, kind, id).at(-1)?.locale ?? 'und' }) };
    for (let at = 0; at < ids.length; at += PEOPLE_AT_A_TIME) {
      const some = ids.slice(at, at + PEOPLE_AT_A_TIME);
      // all of it, for what has ended since follows from what was done before
      const mine = Map.groupBy(await historyRows(db, some), ({ person_id }) => person_id);
      for (const id of some) {
        const done = mine.get(id) ?? [];
        const told = [...done, ...endedOf(done, { library, zone: of.zone, now: gate.now() })];
        const wanted = told.filter((each) => since === null || each.at >= since);
        for (const each of wanted.toSorted(inOrder)) yield JSON.stringify(statementOf(about, each));
        // requests of others go on meanwhile
        await setImmediate();
      }
    }
  }
} // prettier-ignore

/** As things follow on each other where they are of one moment. */
const ORDER: readonly Told['what'][] = [...HISTORY_KINDS, 'expired'];
const inOrder = (a: Told, b: Told): number =>
  a.at.getTime() - b.at.getTime() || ORDER.indexOf(a.what) - ORDER.indexOf(b.what) || (a.key < b.key ? -1 : 1);

type Around = Readonly<{ library: Library; zone: Zone; now: Date }>;

/**
 * What was passed or signed and holds no more, when nothing newer had taken its place by then.
 *
 * INVARIANT: an end that came is the same for ever: what is taken back, passed or published later changes nothing of it.
 */
function endedOf(done: readonly HistoryRow[], around: Around): Told[] {
  const held = done.filter(({ what }) => what === 'acknowledged' || what === 'passed');
  // a drill that is failed takes back what was passed before
  const lost = done.filter(({ what, kind }) => what === 'revoked' || (what === 'failed' && kind === 'drill'));
  return held.flatMap((row): Told[] => {
    const until = endOf(row, around);
    if (until === null) return [];
    const byThen = (each: HistoryRow): boolean => each.kind === row.kind && each.text_id === row.text_id && each.at <= until;
    const over = held.some((each) => byThen(each) && each.at > row.at) || lost.some((each) => byThen(each) && each.at >= row.at);
    return over ? [] : [{ ...row, what: 'expired', at: until, right: null, asked: null }];
  });
} // prettier-ignore

/** Looked at before each version that came since, for one that brings an old text back gives nobody back what had ended. */
function endOf({ kind, text_id, hash, at }: HistoryRow, { library, zone, now }: Around): Date | null {
  const paper = { kind, text_id, hash: hash ?? '', at };
  const since = versionsOfDuty(library, kind, text_id).map(({ publishedAt }) => publishedAt).filter((each) => each > at && each < now);
  for (const moment of [...since.map((each) => new Date(each.getTime() - 1)), now]) {
    const { state, until } = holds(paper, [], library, zone, moment);
    if (state === 'expired' && until !== null) return until;
  }
  return null;
} // prettier-ignore

async function* written(all: AsyncGenerator<string>, form: HistoryToExport['form']): AsyncGenerator<Buffer> {
  const [begin, between, end] = form === 'array' ? ['[\n', ',\n', '\n]\n'] : ['', '\n', '\n'];
  let held = begin;
  let some = false;
  for await (const each of all) {
    held += some ? between + each : each;
    some = true;
    if (held.length < 65_536) continue;
    yield Buffer.from(held);
    held = '';
  }
  if (some || form === 'array') yield Buffer.from(held + end);
}

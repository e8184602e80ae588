/**
 * When a field has to go, and what it may not be used for any more. Pure: the same facts give the same fate.
 *
 * due = max over its purposes of (event + period); a purpose also ends with its basis (consent that was withdrawn). A
 * ceiling only shortens, a floor only lengthens and has the last word. An event that has not happened is not infinity in
 * silence: it is in `awaits`.
 */
import type { RecordsOfSubject } from '#practices/vault';

import type { ExpiryAction, FieldPurpose, FieldSpec, Limit } from '../catalog.ts';
import { addPeriod } from './calendar.ts';

/** The newest word on an event of a subject. */
export type Happened = Readonly<{ event: string; purpose: string | null; at: Date; state: 'happened' | 'undone' }>;
export type RecordTimes = Readonly<{ createdAt: Date; updatedAt: Date }>;
/** A decision of the review: the field goes, or becomes coarse, whatever its purposes say. */
export type Order = Readonly<{ at: Date; action: 'erase' | 'coarsen' }>;

export type Fate = Readonly<{
  /** Null: not while what is in `awaits` has not happened. */
  due: Date | null;
  action: 'erase' | 'coarsen' | 'none';
  /** Events without which there is no date. */
  awaits: readonly string[];
  /** Purposes that have ended, with the time. */
  ended: readonly Readonly<{ purpose: string; at: Date }>[];
}>;

export const CONSENT_WITHDRAWN = 'consent.withdrawn';

/** What a subject last said to each purpose, as events: no is a withdrawal, yes takes one back until it ends. */
export function consentEvents(consents: RecordsOfSubject['consents']): Happened[] {
  return Object.entries(consents ?? {}).flatMap(([purpose, [what, at, until]]): Happened[] => {
    const event = { event: CONSENT_WITHDRAWN, purpose };
    if (what !== 'given') return [{ ...event, at: new Date(at), state: 'happened' }];
    const given: Happened = { ...event, at: new Date(at), state: 'undone' };
    return until === null ? [given] : [given, { ...event, at: new Date(until), state: 'happened' }];
  });
}

type Facts = Readonly<{ times: RecordTimes; events: readonly Happened[]; order?: Order | undefined }>;
type End = Readonly<{ purpose: string; at: Date | null; action: ExpiryAction; awaits: string }>;

export function fateOf(spec: Pick<FieldSpec, 'purposes' | 'floor' | 'ceiling'>, facts: Facts): Fate {
  const ends = spec.purposes.map((purpose) => endOf(purpose, facts));
  const ended = ends.flatMap(({ purpose, at }) => (at === null ? [] : [{ purpose, at }]));
  let { due, action, awaits } = whenAllEnded(ends);
  const { order } = facts;
  if (order !== undefined && (due === null || order.at < due)) [due, action, awaits] = [order.at, order.action, []];
  const ceiling = limitAt(spec.ceiling, facts);
  // where purposes only stop the use, nothing but the ceiling says when the value goes
  if (ceiling !== null && (due === null || ceiling < due || action === 'none'))
    [due, action, awaits] = [ceiling, 'erase', []];
  if (spec.floor !== null) {
    const floor = limitAt(spec.floor, facts);
    if (floor === null) return { due: null, action, awaits: [...new Set([...awaits, spec.floor.after])], ended };
    if (due !== null && floor > due) due = floor;
  }
  return { due, action, awaits, ended };
}

/** The purpose that ends last says what happens; where two end at once, the stronger. `stop-use` says nothing about the value. */
function whenAllEnded(ends: readonly End[]): Pick<Fate, 'due' | 'action' | 'awaits'> {
  const awaits = [...new Set(ends.flatMap(({ at, awaits }) => (at === null ? [awaits] : [])))];
  let last: End | null = null;
  for (const end of ends) {
    if (end.action === 'stop-use') continue;
    const [was, is] = [last?.at?.getTime() ?? Infinity, end.at?.getTime() ?? Infinity];
    if (last === null || is > was || (is === was && end.action === 'erase')) last = end;
  }
  const action = last === null ? 'none' : (last.action as 'erase' | 'coarsen');
  if (awaits.length > 0 || ends.length === 0) return { due: null, action, awaits };
  const times = ends.map(({ at }) => (at as Date).getTime());
  return { due: new Date(Math.max(...times)), action, awaits };
}

function endOf({ id, retention, requiresConsent }: FieldPurpose, facts: Facts): End {
  const { after, period, action } = retention;
  const start = startOf(after, id, facts);
  let at = start === null ? null : addPeriod(start, period);
  if (requiresConsent && after !== CONSENT_WITHDRAWN) {
    const withdrawn = startOf(CONSENT_WITHDRAWN, id, facts);
    if (withdrawn !== null && (at === null || withdrawn < at)) at = withdrawn;
  }
  return { purpose: id, at, action, awaits: after };
}

function limitAt(limit: Limit | null, facts: Facts): Date | null {
  const start = limit === null ? null : startOf(limit.after, null, facts);
  return limit === null || start === null ? null : addPeriod(start, limit.period);
}

/** When the event happened last; null when it did not, or was taken back since. Consent ends the first time. */
function startOf(event: string, purpose: string | null, { times, events }: Facts): Date | null {
  if (event === 'record.created') return times.createdAt;
  if (event === 'record.updated') return times.updatedAt;
  if (event === CONSENT_WITHDRAWN) return withdrawnAt(purpose, events);
  let newest: Happened | null = null;
  for (const each of events) {
    if (each.event !== event || !isAbout(each, purpose)) continue;
    // at the same instant a word that takes back is the later one
    if (
      newest === null ||
      each.at > newest.at ||
      (each.at.getTime() === newest.at.getTime() && each.state === 'undone')
    )
      newest = each;
  }
  return newest?.state === 'happened' ? newest.at : null;
}

/** The first no since the last yes: a yes that would have ended later does not outlast it. */
function withdrawnAt(purpose: string | null, events: readonly Happened[]): Date | null {
  const about = events.filter((each) => each.event === CONSENT_WITHDRAWN && isAbout(each, purpose));
  const given = Math.max(...about.flatMap(({ state, at }) => (state === 'undone' ? [at.getTime()] : [])), -Infinity);
  const ends = about.flatMap(({ state, at }) => (state === 'happened' && at.getTime() > given ? [at.getTime()] : []));
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}

/** An event without purpose is about all; one of a purpose is about those below it, but a yes only about itself. */
const isAbout = ({ purpose: of, state }: Happened, asked: string | null): boolean =>
  of === null || asked === of || (asked !== null && state === 'happened' && asked.startsWith(`${of}.`));

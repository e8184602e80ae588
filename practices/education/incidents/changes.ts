/** What is written down about an incident: one thing after the other, each by somebody who has seen the one before. */
import { transact, type Tx } from '#platform/db';
import { parsePublicId, publicId, type Uuid } from '#platform/ids';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import {
  eventsOf,
  insertEvent,
  lockIncident,
  updateIncident,
  type EventRow,
  type IncidentRow,
} from '../store/incidents.ts';
import { BREACH_CLOCKS } from './breach-clocks.ts';
import type { IncidentNeeds } from './needs.ts';
import { movesFrom, NEEDED, type Needed, type Phase } from './phases.ts';
import type { Kind } from './playbook.ts';
import { clocksOf, decidedOf, decisionsOf, newestScope, toldAt } from './timeline.ts';
import type { Words } from './words.ts';

type Common = Readonly<{ happenedAt?: Date | undefined; text?: string | undefined }>;
export type Change = Common &
  Readonly<
    | { kind: 'note'; text: string }
    | { kind: 'fact'; fact: 'aware' | 'high-risk' }
    | { kind: 'fact'; fact: 'notified'; clock: string }
    | { kind: 'phase'; to: Phase }
    | { kind: 'owner'; owner: string }
    | { kind: 'severity'; severity: 'low' | 'medium' | 'high' | 'critical' }
    | { kind: 'kind'; is: Kind }
    | { kind: 'clocks'; clocks: readonly string[] }
    | { kind: 'task'; task: string }
    | { kind: 'proposed'; clock: string; what: 'notify' | 'not-notify' }
    | { kind: 'approved' | 'refused'; decision: number }
  >;

type Settled = Readonly<{ detail: Readonly<Record<string, string | number | boolean | readonly string[]>>; row?: Partial<IncidentRow> }>; // prettier-ignore

export const incidentId = (uuid: Uuid): string => publicId('inc', uuid);
export function incidentUuid(id: string): Uuid {
  const uuid = parsePublicId('inc', id);
  if (uuid === null) throw educationFailure('INCIDENT_NOT_FOUND');
  return uuid;
}

/** @param seen the version that whoever changes it has read; null: it adds to it whatever else was said meanwhile */
export async function changeIncident(
  needs: IncidentNeeds & Readonly<{ words: Words }>,
  by: By,
  id: string,
  seen: number | null,
  change: Change | ((tx: Tx) => Promise<Settled & Readonly<{ kind: 'scope' }>>),
): Promise<void> {
  const { db, clock, audit, words } = needs;
  const uuid = incidentUuid(id);
  await transact(db, async (tx) => {
    const row = await lockIncident(tx, uuid);
    if (row === null) throw educationFailure('INCIDENT_NOT_FOUND');
    if (seen !== null && row.version !== seen) throw educationFailure('INCIDENT_CHANGED', { extra: { version: row.version } });
    const events = await eventsOf(tx, [uuid]);
    const now = clock();
    const made = typeof change === 'function' ? null : change;
    const happened = made?.happenedAt ?? now;
    if (happened > now) throw educationFailure('INCIDENT_INVALID', { detail: 'happenedAt is not in the future' });
    const settled = typeof change === 'function' ? await change(tx) : await settle(needs, by, tx, { row, events, now }, change);
    const kind = typeof change === 'function' ? 'scope' : change.kind;
    const seq = row.version + 1;
    const text = made?.text;
    await insertEvent(tx, {
      incident_id: uuid, seq, kind, happened_at: happened, known_at: now, by: by.actor.id, who: whoOf(by), detail: settled.detail,
      sealed: text === undefined ? null : words.seal(uuid, seq, text),
    });
    await updateIncident(tx, { ...row, ...settled.row, version: seq, last_at: now });
    await audit.appendIn(tx, {
      action: `education.incident.${kind}`, actor: by.actor, outcome: 'done', requestId: by.requestId,
      detail: { incident: id, version: seq, happenedAt: happened.toISOString(), ...settled.detail },
    });
  });
} // prettier-ignore

export const whoOf = ({ actor, person }: By): string => whoActs({ id: actor.id, person });

type Seen = Readonly<{ row: IncidentRow; events: readonly EventRow[]; now: Date }>;

async function settle(needs: IncidentNeeds, by: By, tx: Tx, seen: Seen, change: Change): Promise<Settled> {
  const { row, events } = seen;
  const ofIncident = (clock: string): void => {
    if (!row.clocks.includes(clock)) throw educationFailure('INCIDENT_INVALID', { detail: 'this clock does not count for the incident' });
  };
  switch (change.kind) {
    case 'note':
      return { detail: {} };
    case 'fact':
      // the law counts from when it was so, not from when somebody came to write it down
      if (change.fact !== 'notified' && change.happenedAt === undefined) throw educationFailure('INCIDENT_INVALID', { detail: 'a fact that starts a clock has its time: happenedAt' });
      if (change.fact !== 'notified') return { detail: { fact: change.fact } };
      ofIncident(change.clock);
      return { detail: { fact: change.fact, clock: change.clock } };
    case 'phase':
      return movePhase(needs, seen, change.to, change.text !== undefined);
    case 'owner':
      return { detail: { owner: change.owner }, row: { owner: change.owner } };
    case 'severity':
      return { detail: { severity: change.severity }, row: { severity: change.severity } };
    case 'kind':
      return { detail: { is: change.is }, row: { kind: change.is } };
    case 'clocks': {
      const clocks = BREACH_CLOCKS.map(({ id }) => id).filter((each) => change.clocks.includes(each));
      // what has begun to run does not stop because somebody takes it out: it is decided
      if (clocks.length !== new Set(change.clocks).size || row.clocks.some((each) => !clocks.includes(each)))
        throw educationFailure('INCIDENT_INVALID', { detail: 'clocks are added; one that is not needed is decided not to be' });
      return { detail: { clocks }, row: { clocks } };
    }
    case 'task': {
      const known = needs.playbooks.find(({ id }) => id === row.kind)?.tasks.some(({ id }) => id === change.task);
      const isDone = events.some(({ kind, detail }) => kind === 'task' && detail.task === change.task);
      if (known !== true || isDone) throw educationFailure('INCIDENT_INVALID', { detail: isDone ? 'the task is done' : 'there is no such task' });
      return { detail: { task: change.task } };
    }
    case 'proposed': {
      ofIncident(change.clock);
      const open = decisionsOf(events).some(({ clock, state }) => clock === change.clock && state === 'proposed');
      if (open || (change.what === 'not-notify' && toldAt(events, change.clock) !== null)) throw educationFailure('DECISION_STATE');
      if (change.text === undefined) throw educationFailure('REASONS_NEEDED');
      const isAlone = change.what === 'not-notify' && (await whyNotOneOfTwo({ id: by.actor.id, person: by.person }, null, () => needs.arePeople(tx))) !== null;
      if (isAlone) throw educationFailure('TWO_PEOPLE');
      return { detail: { clock: change.clock, what: change.what, scope: newestScope(events) ?? '' } };
    }
    case 'approved':
    case 'refused':
    default: {
      const decision = decisionsOf(events).find(({ seq }) => seq === change.decision);
      if (decision === undefined) throw educationFailure('DECISION_NOT_FOUND');
      if (decision.state !== 'proposed') throw educationFailure('DECISION_STATE');
      if (change.kind === 'approved') {
        const why = await whyNotOneOfTwo({ id: by.actor.id, person: by.person }, decision.who, () => needs.arePeople(tx));
        if (why !== null) throw educationFailure('TWO_PEOPLE');
        // it was made on what was known then
        if (decision.outdated) throw educationFailure('DECISION_STALE');
      }
      return { detail: { decision: decision.seq, clock: decision.clock, what: decision.what } };
    }
  }
} // prettier-ignore

function movePhase({ zone }: IncidentNeeds, { row, events, now }: Seen, to: Phase, hasReason: boolean): Settled {
  const move = movesFrom(row.phase as Phase).find((each) => each.to === to);
  if (move === undefined) throw educationFailure('PHASE_REFUSED', { detail: `from ${row.phase} an incident goes to ${movesFrom(row.phase as Phase).map((each) => each.to).join(', ')}` });
  const decisions = decisionsOf(events);
  const decided = clocksOf(row, events, zone, now)
    .filter(({ tells, startedAt }) => (tells === 'authority' || tells === 'subjects') && startedAt !== null)
    .map(({ id }) => ({ id, decision: decidedOf(decisions, id) }));
  const toTell = decided.filter(({ decision }) => decision?.what === 'notify');
  const isThere: Readonly<Record<Needed, boolean>> = {
    reason: hasReason,
    scope: hasReason || newestScope(events) !== null,
    decided: decided.every(({ decision }) => decision !== null),
    nobody: toTell.length === 0,
    told: toTell.every(({ id }) => toldAt(events, id) !== null),
  };
  const missing = move.needs.filter((each) => !isThere[each]);
  if (missing.length > 0) throw educationFailure('PHASE_REFUSED', { detail: `what is missing: ${missing.map((each) => NEEDED[each]).join('; ')}`, extra: { missing } });
  return { detail: { from: row.phase, to }, row: { phase: to } };
} // prettier-ignore

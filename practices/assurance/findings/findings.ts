/**
 * Findings: what people do with them. Each change names the version that was read, and is in the finding's own history and in
 * the log.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements, type Tx } from '#platform/db';
import { parsePublicId, uuidv7, type Uuid } from '#platform/ids';
import type { Log } from '#platform/log';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';

import { assuranceFailure } from '../failures.ts';
import { fingerprintOf } from '../fingerprint.ts';
import { dueAt } from '../severity.ts';
import {
  acceptancesOf, addEvent, decideAcceptance, endedAcceptances, eventsOf, findFinding, listFindings, lockFinding, overdueUntold, proposeAcceptance,
  proposedOf, updateFinding, type FindingRow,
} from '../store/findings.ts'; // prettier-ignore
import { namesOf } from '../store/feeds.ts';
import { takeBack, type SaidRow } from '../store/said.ts';
import { FINDING_STATES, SEVERITIES, type FindingState, type Severity } from '../types.ts';
import { anchorOf, movedTo, OPEN, versionsIn, type Justification, type Move } from './states.ts';
import { ASSURANCE, findingId, moveBySystem, noteSightings, takeIn } from './take-in.ts';
import { viewOf, wholeOf, type FindingView, type WholeFinding } from './views.ts';

export type Person = Readonly<{
  actor: Readonly<{ kind: 'service' | 'staff' | 'system'; id: string; role?: string | undefined }>;
  person?: string | undefined;
  requestId: string;
}>;
export type Change = Readonly<{
  version: number;
  note: string;
  move?: Move;
  severity?: Severity;
  owner?: string;
  duplicateOf?: string;
  justification?: Justification;
  anchor?: string;
}>;
export type ListAsk = Readonly<{
  state?: FindingState | 'open' | 'all';
  severity?: Severity;
  source?: string;
  test?: string;
  after?: string;
  most: number;
}>;

export type Findings = ReturnType<typeof createFindings>;
export type FindingsNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  log: Pick<Log, 'error'>;
  arePeople: (tx: Statements) => Promise<boolean>;
  /** Something was said of one version of a part: another one may be here too. */
  lookAside: () => Promise<void>;
}>;

export type Reported = Readonly<{
  title: string;
  description: string;
  severity: Severity;
  asset: string;
  place: string;
  reporter: string;
}>;
/** Its source: mail to the address that security.txt names. */
const INBOUND = 'inbound report';
const DAY_MS = 86_400_000;
const LONGEST_DAYS = 180;

export function createFindings({ db, audit, clock, log, arePeople, lookAside }: FindingsNeeds) {
  const whole = async (id: Uuid): Promise<WholeFinding> => {
    const row = await findFinding(db, id);
    if (row === null) throw assuranceFailure('NOT_FOUND');
    const [events, acceptances] = await Promise.all([eventsOf(db, id), acceptancesOf(db, id)]);
    return wholeOf(row, { events, acceptances, now: clock() });
  };
  /** One step of a person on one finding, with it locked. */
  const step = async (by: Person, id: string, version: number, work: (row: FindingRow, tx: Tx) => Promise<Step>): Promise<WholeFinding> => {
    const uuid = idOf(id);
    await transact(db, async (tx) => {
      const row = await lockFinding(tx, uuid);
      if (row === null) throw assuranceFailure('NOT_FOUND');
      if (row.version !== version) throw assuranceFailure('CHANGED');
      const { what, note, changed, detail = {} } = await work(row, tx);
      const next = { ...row, ...changed };
      await updateFinding(tx, next);
      await addEvent(tx, uuid, { at: clock(), by: whoActs({ id: by.actor.id, person: by.person }), what, from_state: row.state, to_state: next.state, note });
      await audit.appendIn(tx, { action: `assurance.finding.${what}`, actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { finding: id, from: row.state, to: next.state, ...detail } });
    });
    return whole(uuid);
  };

  return {
    get: (id: string): Promise<WholeFinding> => whole(idOf(id)),
    /** @throws ASSURANCE_NOT_FOUND for an `after` that is no `next` */
    list: async ({ state = 'open', severity, source, test, after, most }: ListAsk): Promise<{ findings: FindingView[]; next: string | null }> => {
      const states = state === 'open' ? OPEN : state === 'all' ? FINDING_STATES : [state];
      const severities = severity === undefined ? SEVERITIES : [severity];
      const rows = await listFindings(db, { states, severities, source: source ?? null, testId: test ?? null, after: after === undefined ? null : placeOf(after), most: most + 1 });
      const shown = rows.slice(0, most);
      const last = shown.at(-1);
      const next = rows.length <= most || last === undefined ? null : `${last.due_at.toISOString()}.${findingId(last.finding_id)}`;
      return { findings: shown.map((row) => viewOf(row, clock())), next };
    },

    /** What somebody reported, in a person's words: the same title at the same place is the same one again. */
    note: async (by: Person, { title, description, severity, asset, place, reporter }: Reported): Promise<WholeFinding> => {
      const at = { rule: `${INBOUND}:${title}`, asset, place };
      const sighting = {
        ...at, fingerprint: fingerprintOf(at), title, description: [description, reporter === '' ? '' : `Reported by ${reporter}.`].filter((each) => each !== '').join('\n'), severity,
        cvss: null, parameter: null, version: null, exploited: false, source: INBOUND, testId: null,
      };
      const taken = await transact(db, async (tx) => {
        const made = await takeIn(tx, sighting, by, clock());
        await noteSightings(audit, tx, [made], by, INBOUND);
        return made;
      });
      return whole(taken.id);
    },

    /** @throws ASSURANCE_CHANGED, ASSURANCE_WRONG_STATE, ASSURANCE_REASON_NEEDED */
    change: async (by: Person, id: string, change: Change): Promise<WholeFinding> => {
      const changed = await step(by, id, change.version, async (row, tx) => {
        const judged = change.severity === undefined ? {} : judgedAs(row, change.severity, change.note);
        const owned = change.owner === undefined ? {} : { owner: change.owner === '' ? null : change.owner };
        if (change.move === undefined) {
          const what = change.severity !== undefined ? 'judge' : change.owner === undefined ? 'note' : 'owner';
          if (what === 'note' && change.note.trim() === '') throw assuranceFailure('REASON_NEEDED');
          return { what, note: change.note, changed: { ...judged, ...owned }, ...(change.severity === undefined ? {} : { detail: { severity: change.severity } }) };
        }
        const to = movedTo(row, change.move);
        if (to === null) throw assuranceFailure('WRONG_STATE', { detail: `it is ${row.state}${row.test_id === null ? '' : ', and a control test found it'}: ${change.move} is nothing that can be done by hand` });
        if (change.move === 'reopen' && row.state === 'not affected') await takeBack(tx, takenBack(row, await namesOf(tx, [row.rule]), { note: change.note, at: clock(), by: by.actor.id }));
        return { what: change.move, note: change.note, changed: { ...judged, ...owned, ...(await sideOf(tx, row, change, clock())), state: to } };
      });
      if (change.move !== 'not-affected') return changed;
      await lookAside();
      return whole(idOf(id));
    },

    /** Live with it for a while: somebody else has to say so too. @throws ASSURANCE_TOO_LONG */
    propose: (by: Person, id: string, wanted: Readonly<{ version: number; days: number; control: string; reason: string }>): Promise<WholeFinding> =>
      step(by, id, wanted.version, async (row, tx) => {
        if (!OPEN.includes(row.state)) throw assuranceFailure('WRONG_STATE');
        if (wanted.days > LONGEST_DAYS) throw assuranceFailure('TOO_LONG');
        if (wanted.control.trim() === '' || wanted.reason.trim() === '') throw assuranceFailure('REASON_NEEDED');
        const until = new Date(clock().getTime() + wanted.days * DAY_MS);
        await proposeAcceptance(tx, { acceptance_id: uuidv7(clock().getTime()), finding_id: row.finding_id, until, control: wanted.control, reason: wanted.reason, severity: row.severity, proposed_by: whoActs({ id: by.actor.id, person: by.person }), proposed_at: clock(), decided_by: null, decided_at: null, state: 'proposed' });
        return { what: 'propose', note: wanted.reason, changed: {}, detail: { until: until.toISOString() } };
      }),

    /** @throws ASSURANCE_SAME_PERSON, ASSURANCE_PERSON_NEEDED, ASSURANCE_WRONG_STATE */
    decide: (by: Person, id: string, { version, verdict, note }: Readonly<{ version: number; verdict: 'approved' | 'refused'; note: string }>): Promise<WholeFinding> =>
      step(by, id, version, async (row, tx) => {
        const proposed = await proposedOf(tx, row.finding_id);
        if (proposed === null) throw assuranceFailure('WRONG_STATE', { detail: 'nobody proposed to live with it' });
        const who = whoActs({ id: by.actor.id, person: by.person });
        if (verdict === 'approved') {
          const whyNot = await whyNotOneOfTwo({ id: by.actor.id, person: by.person }, proposed.proposed_by, () => arePeople(tx));
          if (whyNot !== null) throw assuranceFailure(whyNot === 'same person' ? 'SAME_PERSON' : 'PERSON_NEEDED');
          const isWorse = SEVERITIES.indexOf(row.severity) < SEVERITIES.indexOf(proposed.severity);
          if (!OPEN.includes(row.state) || isWorse || proposed.until <= clock())
            throw assuranceFailure('WRONG_STATE', { detail: isWorse ? 'it is worse by now than what was proposed to be accepted' : 'it is not open any more, or the day that was proposed is over' });
        }
        await decideAcceptance(tx, proposed.acceptance_id, { state: verdict, by: who, at: clock() });
        const accepted = { state: 'accepted' as const, accepted_until: proposed.until, reason: `${proposed.reason} (${proposed.control})` };
        return { what: verdict === 'approved' ? 'accept' : 'refuse', note, changed: verdict === 'approved' ? accepted : {}, detail: { proposedBy: proposed.proposed_by } };
      }),

    /** What a calendar does: acceptances end, and overdue critical ones are told of, each once. */
    tick: async (): Promise<void> => {
      for (const id of await endedAcceptances(db, clock()))
        await transact(db, async (tx) => {
          const row = await lockFinding(tx, id);
          if (row?.state !== 'accepted' || (row.accepted_until ?? clock()) > clock()) return;
          await moveBySystem({ audit, at: clock() }, tx, row, 'triaged', { what: 'acceptance ended', note: 'its day is over', changed: { accepted_until: null, reason: null, told_at: null } });
        });
      for (const id of await overdueUntold(db, clock()))
        await transact(db, async (tx) => {
          const row = await lockFinding(tx, id);
          if (row === null || row.told_at !== null || !OPEN.includes(row.state)) return;
          await updateFinding(tx, { ...row, told_at: clock() });
          await addEvent(tx, id, { at: clock(), by: ASSURANCE.actor.id, what: 'overdue', from_state: row.state, to_state: row.state, note: '' });
          await audit.appendIn(tx, { ...ASSURANCE, action: 'assurance.finding.overdue', outcome: 'done', detail: { finding: findingId(id), severity: row.severity, due: row.due_at.toISOString(), owner: row.owner ?? '' } });
          log.error({ finding: findingId(id), due: row.due_at.toISOString() }, 'ALARM: a critical finding is overdue');
        });
    },
  };
} // prettier-ignore

type Step = Readonly<{
  what: string;
  note: string;
  changed: Partial<FindingRow>;
  detail?: Readonly<Record<string, string>>;
}>;

function idOf(id: string): Uuid {
  const found = parsePublicId('fnd', id);
  if (found === null) throw assuranceFailure('NOT_FOUND');
  return found;
}

function placeOf(after: string): { dueAt: Date; id: Uuid } {
  const at = after.lastIndexOf('.');
  const dueAtMs = Date.parse(after.slice(0, at));
  const id = parsePublicId('fnd', after.slice(at + 1));
  if (!(dueAtMs >= 0 && dueAtMs < Date.UTC(9999, 0)) || id === null)
    throw assuranceFailure('NOT_FOUND', { detail: 'the page before gave another `next`' });
  return { dueAt: new Date(dueAtMs), id };
}

/** What was said of these versions, by whichever name of the weakness, holds no more: also for what is found later. */
const takenBack = (row: FindingRow, names: readonly string[], { note, at, by }: Readonly<{ note: string; at: Date; by: string }>): SaidRow[] =>
  versionsIn(row.anchor).flatMap((version) => names.map((name) => ({ place: row.place, version, name, status: 'affected', reason: note, said_at: at, taken_at: at, taken_by: by }))); // prettier-ignore

/** From now on as a person says it; its deadline follows, from the first day on. */
function judgedAs(row: FindingRow, severity: Severity, note: string): Partial<FindingRow> {
  if (note.trim() === '') throw assuranceFailure('REASON_NEEDED');
  if (!OPEN.includes(row.state)) throw assuranceFailure('WRONG_STATE');
  return { severity, judged: true, due_at: dueAt(severity, row.first_seen_at, row.exploited ? 'kev' : 'not known'), told_at: null };
} // prettier-ignore

/** What the ways aside ask for besides. */
async function sideOf(tx: Tx, row: FindingRow, change: Change, now: Date): Promise<Partial<FindingRow>> {
  const needed = (text: string | undefined, what: string): string => {
    if (text === undefined || text.trim() === '') throw assuranceFailure('REASON_NEEDED', { detail: `it takes ${what}` });
    return text;
  };
  switch (change.move) {
    case 'not-affected': {
      const why = needed(change.justification, 'a justification, in the words of VEX');
      const anchor = needed(change.anchor ?? row.part_version ?? undefined, 'the version that is not affected');
      return { anchor: anchorOf([...versionsIn(row.anchor), anchor]), reason: `${why}: ${needed(change.note, 'a note that says how that is known')}` };
    }
    case 'false-positive':
      return { reason: needed(change.note, 'a note with what shows that it is none') };
    case 'fixed':
      return { fixed_at: now, reason: needed(change.note, 'a note that says how that was tried') };
    case 'duplicate': {
      const other = await findFinding(tx, idOf(needed(change.duplicateOf, 'the finding that it is a duplicate of')));
      if (other === null) throw assuranceFailure('NOT_FOUND');
      // one that leads to itself is open nowhere
      if (other.finding_id === row.finding_id || other.state === 'duplicate' || !OPEN.includes(other.state))
        throw assuranceFailure('WRONG_STATE', { detail: 'a finding is a duplicate of another one that is open' });
      return { duplicate_of: other.finding_id, reason: `duplicate of ${findingId(other.finding_id)}` };
    }
    case 'reopen':
      return { accepted_until: null, reason: null, anchor: null, duplicate_of: null, told_at: null };
    case 'triage':
    case 'start':
    case 'ready':
    case undefined:
    default:
      return {};
  }
} // prettier-ignore

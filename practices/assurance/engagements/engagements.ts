/**
 * Tests by people from outside: what they may do, from where and until when; two people let them. They get keys that reach
 * made-up persons alone and end with the test; what is noticed of them stays an alarm, and says whose test it is.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import type { Log } from '#platform/log';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';

import { assuranceFailure } from '../failures.ts';
import type { Person } from '../findings/findings.ts';
import type { Reports, ReportView } from '../findings/reports.ts';
import { viewOf as findingView, type FindingView } from '../findings/views.ts';
import type { FormatName } from '../importers/index.ts';
import {
  addEngagementKey, approveEngagement, casesOf, clearedEngagement, endEngagement, findEngagement, findingsOf, holdEngagement, insertEngagement, leftEngagements, linkCase,
  listEngagements, runningEngagements, type EngagementRow,
} from '../store/engagements.ts'; // prettier-ignore
import { fromSources, isSource } from './sources.ts';

type Agreed = Readonly<{
  title: string;
  tester: string;
  scope: string;
  rules: string;
  sources: readonly string[];
  startsAt: string;
}>;
export type Wanted = Agreed & Readonly<{ days: number }>;
export type Engagement = Agreed &
  Readonly<{
    id: string;
    until: string;
    state: 'proposed' | 'approved' | 'running' | 'over';
    proposedBy: string;
    approvedBy: string | null;
    endedBy: string | null;
    keys: number;
  }>;
export type WholeEngagement = Engagement &
  Readonly<{
    findings: readonly FindingView[];
    cases: readonly string[];
    /** There are more findings than these. */ more: boolean;
  }>;
export type OpenCase = Readonly<{ id: string; about: string }>;

export type EngagementNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  log: Log;
  arePeople: (tx: Statements) => Promise<boolean>;
  /** There is such a role, and it sees nothing of what testers are noticed for. */
  isFit: (role: string) => Promise<boolean>;
  /** A key in a role that reaches canaries alone, from these networks. */
  giveKey: (
    role: string,
    minutes: number,
    networks: readonly string[],
  ) => Promise<Readonly<{ id: string; key: string }>>;
  endKey: (id: string) => Promise<void>;
  /** Makes up persons for a test. @returns ids of their records */
  plant: (of: Uuid, count: number, livesMs: number) => Promise<readonly string[]>;
  shred: (of: Uuid) => Promise<void>;
  openCases: () => Promise<readonly OpenCase[]>;
  /** What is noted there already is not noted again. */
  noteCase: (id: string, note: string) => Promise<void>;
  /** Signs the report. */
  sign: (bytes: Uint8Array) => Promise<Readonly<{ signature: Uint8Array; publicKey: string }>>;
}>;
export type Engagements = ReturnType<typeof createEngagements>;

const DAY_MS = 86_400_000;
const LONGEST_DAYS = 90;
const LISTED = 100;
const SHOWN = 2000;
const LATEST_MS = Date.UTC(9000, 0);
const PERSONS = 12;

export function createEngagements(needs: EngagementNeeds, reports: Reports) {
  const { db, audit, clock, log } = needs;
  const who = (by: Person): string => whoActs({ id: by.actor.id, person: by.person });
  const noted = (tx: Statements, by: Person, step: string, detail: Readonly<Record<string, string | number>>): Promise<unknown> =>
    audit.appendIn(tx, { action: `assurance.engagement.${step}`, actor: by.actor, outcome: 'done', requestId: by.requestId, detail });
  const stateOf = (row: EngagementRow): Engagement['state'] =>
    row.ended_at !== null || row.until <= clock() ? 'over' : row.approved_at === null ? 'proposed' : row.starts_at > clock() ? 'approved' : 'running';
  const viewed = (row: EngagementRow): Engagement => ({
    id: publicId('eng', row.engagement_id), title: row.title, tester: row.tester, scope: row.scope, rules: row.rules, sources: row.sources,
    startsAt: row.starts_at.toISOString(), until: row.until.toISOString(), state: stateOf(row), proposedBy: row.proposed_by, approvedBy: row.approved_by, endedBy: row.ended_by, keys: row.keys.length,
  });
  const idOf = (id: string): Uuid => {
    const found = parsePublicId('eng', id);
    if (found === null) throw assuranceFailure('NOT_FOUND');
    return found;
  };
  const held = async (tx: Statements, id: string): Promise<EngagementRow> => {
    const row = await holdEngagement(tx, idOf(id));
    if (row === null) throw assuranceFailure('NOT_FOUND');
    return row;
  };
  const read = async (id: string): Promise<EngagementRow> => {
    const row = await findEngagement(db, idOf(id));
    if (row === null) throw assuranceFailure('NOT_FOUND');
    return row;
  };
  const again = async (tx: Statements, id: string): Promise<Engagement> => viewed(await held(tx, id));
  const whole = async (id: string): Promise<WholeEngagement> => {
    const row = await read(id);
    const [findings, cases] = await Promise.all([findingsOf(db, row.engagement_id, SHOWN + 1), casesOf(db, row.engagement_id)]);
    return { ...viewed(row), findings: findings.slice(0, SHOWN).map((each) => findingView(each, clock())), cases, more: findings.length > SHOWN };
  };

  /** Alarms stay what they are: they only say whose test it is. */
  const tag = async (row: EngagementRow, cases: readonly OpenCase[]): Promise<void> => {
    for (const { id, about } of cases) {
      if (!row.keys.some((key) => about.includes(key)) && !fromSources(about, row.sources)) continue;
      // one server at a time: the link is held until the note is written, and a note that is there is not written again
      await transact(db, async (tx) => {
        if (await linkCase(tx, row.engagement_id, id)) await needs.noteCase(id, `of the test ${publicId('eng', row.engagement_id)} (${row.title}, ${row.tester}) until ${row.until.toISOString()}: its key or its address`);
      });
    }
  };
  const clear = async (row: EngagementRow): Promise<void> => {
    for (const key of row.keys) await needs.endKey(key);
    await needs.shred(row.engagement_id);
    await clearedEngagement(db, row.engagement_id, clock());
  };

  return {
    list: async (): Promise<Engagement[]> => (await listEngagements(db, LISTED)).map(viewed),
    get: whole,
    /** @throws ASSURANCE_TOO_LONG, ASSURANCE_SOURCE_MALFORMED, ASSURANCE_TIME_MALFORMED */
    propose: (by: Person, wanted: Wanted): Promise<Engagement> => {
      if (wanted.days > LONGEST_DAYS) throw assuranceFailure('TOO_LONG');
      const bad = wanted.sources.find((each) => !isSource(each));
      if (bad !== undefined) throw assuranceFailure('SOURCE_MALFORMED', { detail: 'a source is an address or a network, as 192.0.2.0/28' });
      // a second that was put in is written as any, and is no time to Date
      if (!(Date.parse(wanted.startsAt) < LATEST_MS)) throw assuranceFailure('TIME_MALFORMED');
      const startsAt = new Date(Math.max(clock().getTime(), Date.parse(wanted.startsAt)));
      return transact(db, async (tx) => {
        const row = {
          engagement_id: uuidv7(clock().getTime()), title: wanted.title, tester: wanted.tester, scope: wanted.scope, rules: wanted.rules, sources: [...wanted.sources],
          starts_at: startsAt, until: new Date(startsAt.getTime() + wanted.days * DAY_MS), proposed_by: who(by), proposed_at: clock(),
        };
        await insertEngagement(tx, row);
        const id = publicId('eng', row.engagement_id);
        await noted(tx, by, 'propose', { engagement: id, from: row.starts_at.toISOString(), until: row.until.toISOString() });
        return again(tx, id);
      });
    },
    /** @throws ASSURANCE_SAME_PERSON, ASSURANCE_PERSON_NEEDED, ASSURANCE_WRONG_STATE */
    approve: (by: Person, id: string): Promise<Engagement> =>
      transact(db, async (tx) => {
        const row = await held(tx, id);
        if (stateOf(row) !== 'proposed') throw assuranceFailure('WRONG_STATE');
        const whyNot = await whyNotOneOfTwo({ id: by.actor.id, person: by.person }, row.proposed_by, () => needs.arePeople(tx));
        if (whyNot !== null) throw assuranceFailure(whyNot === 'same person' ? 'SAME_PERSON' : 'PERSON_NEEDED');
        await approveEngagement(tx, row.engagement_id, who(by), clock());
        await noted(tx, by, 'approve', { engagement: id, proposedBy: row.proposed_by });
        return again(tx, id);
      }),
    /** One is enough to end it: its keys with it. */
    end: async (by: Person, id: string): Promise<Engagement> => {
      const row = await transact(db, async (tx) => {
        const found = await held(tx, id);
        if (stateOf(found) === 'over') throw assuranceFailure('WRONG_STATE');
        await endEngagement(tx, found.engagement_id, who(by), clock());
        await noted(tx, by, 'end', { engagement: id });
        return found;
      });
      await clear(row);
      return transact(db, (tx) => again(tx, id));
    },
    /** Shown once; it ends with the test. @throws ASSURANCE_WRONG_STATE, ASSURANCE_ROLE_UNFIT */
    key: async (by: Person, id: string, role: string): Promise<Readonly<{ id: string; key: string; until: string; records: readonly string[] }>> => {
      const row = await read(id);
      if (stateOf(row) !== 'running') throw assuranceFailure('WRONG_STATE', { detail: `it is ${stateOf(row)}` });
      if (!(await needs.isFit(role))) throw assuranceFailure('ROLE_UNFIT');
      const leftMs = row.until.getTime() - clock().getTime();
      const records = row.keys.length > 0 ? [] : await needs.plant(row.engagement_id, PERSONS, leftMs);
      const made = await needs.giveKey(role, Math.max(1, Math.floor(leftMs / 60_000)), row.sources);
      // one that ended meanwhile has ended this key too
      const isGoing = await transact(db, async (tx) => {
        const now = await held(tx, id);
        if (stateOf(now) !== 'running') return false;
        await addEngagementKey(tx, row.engagement_id, made.id);
        await noted(tx, by, 'key', { engagement: id, key: made.id, role });
        return true;
      });
      if (!isGoing) {
        await needs.endKey(made.id);
        // whoever ended it may have swept before they were there
        await needs.shred(row.engagement_id);
        throw assuranceFailure('WRONG_STATE');
      }
      return { ...made, until: row.until.toISOString(), records };
    },
    /** What its testers report: also weeks after it is over. @throws ASSURANCE_IMPORT_…, ASSURANCE_WRONG_STATE */
    take: async (by: Person, id: string, report: Readonly<{ bytes: Uint8Array; format?: FormatName; asset?: string }>): Promise<ReportView> => {
      const row = await read(id);
      if (row.approved_at === null) throw assuranceFailure('WRONG_STATE', { detail: 'nobody approved it' });
      return reports.take(by, { ...report, engagement: row.engagement_id });
    },
    /** As it stands now, signed by this installation's key. */
    report: async (id: string): Promise<Readonly<{ report: string; signature: string; publicKey: string }>> => {
      const report = JSON.stringify({ schema: 'strongroom/engagement-report/1', at: clock().toISOString(), ...(await whole(id)) });
      const { signature, publicKey } = await needs.sign(Buffer.from(report));
      return { report, signature: Buffer.from(signature).toString('base64'), publicKey };
    },
    tick: async (): Promise<void> => {
      for (const row of await leftEngagements(db, clock()))
        await clear(row).catch((err: unknown) => log.error({ err, engagement: publicId('eng', row.engagement_id) }, 'what a test by others left could not be taken away; it is tried again'));
      const running = await runningEngagements(db, clock());
      if (running.length === 0) return;
      const cases = await needs.openCases();
      for (const row of running) await tag(row, cases);
    },
  };
} // prettier-ignore

/**
 * What people are told: of entries of the log, one after the other by position, and of what the calendar says.
 *
 * INVARIANT: telling stands behind the log, never in front of it: no request waits for it or fails by it, and since the
 * position moves in the transaction that adds the notices and queues the mail, none is lost or told twice.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import { readAddress, type Mail } from '#platform/mail';

import type { Action } from '../actions.ts';
import { readPolicy } from '../cedar.ts';
import type { Actor } from '../decide.ts';
import type { Usage } from '../grants/usage.ts';
import { accessFailure } from '../failures.ts';
import type { PolicyVersions } from '../policy-versions.ts';
import {
  addNotices,
  addressesOf,
  beginCursor,
  countUnread,
  endingGrants,
  endingKeys,
  holdNoticeCursor,
  listNotices,
  markMailed,
  markRead,
  moveNoticeCursor,
  namesOf,
  peopleIn,
  sweepNotices,
  takeUnmailed,
  untoldOf,
  type EndingRow,
  type NewNotice,
  type NoticeRow,
} from '../store/notices.ts';
import { lateReviews } from '../store/reviews.ts';
import { TRAINING_STEPS } from './from-training.ts';
import { toldBy, type LogEntry, type Told } from './from-entry.ts';
import { urgentSubject, wordsOf, type NoticeWords } from './notice-text.ts';

export type NoticeView = NoticeWords &
  Readonly<{
    id: string;
    kind: string;
    urgent: boolean;
    /** How often within it. */
    count: number;
    customers: number;
    firstAt: string;
    lastAt: string;
    read: boolean;
  }>;

export type Notices = {
  /** From now on: what was in the log before the first start of a system that tells is told to nobody. */
  begin: () => Promise<void>;
  /** Tells of what is new in the log. @returns whether there may be more */
  fold: () => Promise<boolean>;
  /** Tells of what the calendar says; of each person and topic once. */
  remind: () => Promise<void>;
  /** Tells the owners of roles what stood unused for 60 days; of each role once a month. */
  tasks: () => Promise<void>;
  /** One mail to each person for what no mail told of. */
  digest: () => Promise<void>;
  sweep: () => Promise<void>;
  /** For other parts of this practice, in their transaction. */
  tell: (tx: Statements, told: readonly Told[], how?: 'each time' | 'once') => Promise<void>;
  /** One's own, newest first. @throws ACCESS_SESSION_NEEDED for a key that nobody stands behind */
  list: (actor: Actor) => Promise<{ unread: number; notices: NoticeView[] }>;
  read: (actor: Actor, ids: readonly string[]) => Promise<void>;
};
export type NoticesNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'size' | 'entriesWith'>;
  policies: PolicyVersions;
  mail: Pick<Mail, 'queue'>;
  usage: Pick<Usage, 'unused'>;
  rolesThat: (action: Action) => Promise<readonly string[]>;
  /** Of the console, for links in mail; null: they name the place only. */
  origin: string | null;
}>;

/** Entries looked at in one statement. */
const PAGE = 5000;
const STEPS = ['access.grant.break-glass', 'access.grant.request', 'access.grant.approve', 'access.grant.deny', 'access.review.begin', 'access.review.extend', 'access.role.rest', 'access.role.request', 'access.role.lend', 'access.role.give', 'access.role.deny', 'access.export.request', 'access.export.approve', 'access.export.deny', 'privacy.copy.incomplete', 'privacy.request.due', 'assurance.finding.overdue', 'traffic.case.open', 'traffic.case.worse', 'education.intake.receive', 'education.intake.answer', ...TRAINING_STEPS]; // prettier-ignore
const LISTED = 200;
const KEEP = { each: 500, days: 90 } as const;
/** A minute, so that what happens together is told together; and at most four such mails an hour. */
const DIGEST = { seconds: 60, apartSeconds: 900, people: 100 } as const;
const LINES = 20;

export function createNotices(needs: NoticesNeeds): Notices {
  const { db, audit, policies, mail, usage, rolesThat, origin } = needs;
  /** Version → policy → role; a version never changes. */
  const notifying = new Map<string, ReadonlyMap<string, string>>();
  const learn = async (): Promise<void> => {
    for (const { id, activatedAt } of await policies.list()) {
      if (activatedAt === null || notifying.has(id)) continue;
      const { document } = await policies.get(id);
      // a hint only: Cedar lets spaces and comments stand between `@` and the name
      const marked = Object.entries(document.policies).filter(([, text]) => text.includes('notify'));
      const roles = marked.flatMap(([policy, text]) => {
        const role = readPolicy(text)?.annotations?.notify;
        return role === undefined || role === null ? [] : [[policy, role] as const];
      });
      notifying.set(id, new Map(roles));
    }
  };

  const namer = async (rows: readonly Pick<NoticeRow, 'about'>[]): Promise<(id: string) => string> => {
    const ids = rows.flatMap(({ about }) => [about.actor, about.key].flatMap((id) => uuidOf(id) ?? []));
    const names = await namesOf(db, ids);
    return (id) => names.get(uuidOf(id) as Uuid) ?? (id === '' ? 'somebody' : id);
  };
  const write = async (tx: Statements, person: Uuid, rows: readonly NoticeRow[], urgent: boolean): Promise<void> => {
    await markMailed(tx, rows.map(({ notice_id }) => notice_id)); // prettier-ignore
    const to = (await addressesOf(tx, [person])).get(person);
    // an address that is none, of another provider's making, keeps nobody else from being told
    if (to === undefined || readAddress(to.email) === null) return;
    const nameOf = await namer(rows);
    const words = rows.slice(0, LINES).map((row) => wordsOf(row.kind, row.about, countsOf(row), nameOf));
    const place = (link: string): string => (origin === null ? `console: ${link}` : `${origin}/console${link}`);
    const more = rows.length > LINES ? [`… and ${rows.length - LINES} more`] : [];
    await mail.queue(tx, {
      to: to.email,
      subject: urgent
        ? urgentSubject(rows[0]?.kind)
        : `Strongroom: ${rows.length === 1 ? 'a notice' : `${rows.length} notices`} for you`,
      text: [
        ...words.map(({ says, link }) => `${printable(says)}.\n${place(link)}\n`),
        ...more,
        `All of them: ${place('/notices')}`,
        '',
      ].join('\n'),
      kind: urgent ? 'access.alarm' : 'access.notice',
      dedupeKey: `access.notice ${rows[0]?.notice_id} ${urgent}`,
      priority: urgent ? 'urgent' : 'usual',
    });
  };
  const tell: Notices['tell'] = async (tx, told, how = 'each time') => {
    const wanted = [...new Set(told.flatMap(({ roles }) => roles))];
    const holders = await peopleIn(tx, wanted);
    const nobody = wanted.filter((role) => !holders.some(({ roles }) => roles.includes(role)));
    // a role that nobody has is told to who can give it to somebody
    const stewards = nobody.length === 0 ? [] : (await peopleIn(tx, await rolesThat('people.manage'))).map(({ person_id }) => person_id); // prettier-ignore
    const found = new Map<string, NewNotice>();
    for (const each of told) {
      const people = new Set([
        ...each.people.flatMap((id) => parsePublicId('per', id) ?? []),
        ...holders.flatMap(({ person_id, roles }) =>
          roles.some((role) => each.roles.includes(role)) ? [person_id] : [],
        ),
        ...(each.roles.some((role) => nobody.includes(role)) ? stewards : []),
      ]);
      for (const person of people) if (publicId('per', person) !== each.except) gather(found, person, each);
    }
    const notices = [...found.values()];
    const fresh = await addNotices(tx, how === 'once' ? await untoldOf(tx, notices) : notices);
    for (const row of fresh) if (row.urgent) await write(tx, row.person_id, [row], true);
  };
  const personOf = ({ person }: Actor): Uuid => {
    const id = person === undefined ? null : parsePublicId('per', person);
    if (id === null) throw accessFailure('SESSION_NEEDED');
    return id;
  };

  return {
    tell,
    begin: async () => beginCursor(db, await audit.size()),
    fold: async () => {
      const size = await audit.size();
      // read after the size: what decided any entry below it is among these
      await learn();
      const { document } = await policies.get('active');
      const answering = await rolesThat('rights.decide');
      const [caseWorkers, findingWorkers] = [await rolesThat('cases.work'), await rolesThat('findings.work')];
      const incidentWorkers = await rolesThat('incidents.manage');
      const [approving, trainers] = [await rolesThat('grants.approve'), await rolesThat('training.manage')];
      const ids = [...new Set([...notifying.values()].flatMap((each) => [...each.keys()]))];
      const pieces = [...STEPS.map((step) => `"action":"${step}"`), ...ids.map((id) => JSON.stringify(id))];
      return transact(db, async (tx) => {
        const from = await holdNoticeCursor(tx);
        if (from === null || from >= size) return false;
        const to = Math.min(from + PAGE, size);
        const entries = (await audit.entriesWith(tx, from, to, pieces)).flatMap(({ bytes }) => readEntry(bytes) ?? []);
        const notifies = (version: string, policy: string): string | undefined => notifying.get(version)?.get(policy);
        await tell(tx, entries.flatMap((entry) => toldBy(entry, { document, notifies, answering, approving, caseWorkers, findingWorkers, incidentWorkers, trainers }))); // prettier-ignore
        await moveNoticeCursor(tx, to);
        return to < size;
      });
    },
    remind: async () => {
      const at = new Date().toISOString();
      const stewards = await rolesThat('keys.manage');
      const base = { except: null, urgent: false, customers: 0, at };
      const people = (row: EndingRow): string[] => (row.person_id === null ? [] : [publicId('per', row.person_id)]);
      const grants = (await endingGrants(db)).map((row): Told => {
        const grant = publicId('grt', row.id);
        return { ...base, kind: 'grant-ends', topic: `grant-ends ${grant}`, people: people(row), roles: [], about: { grant, until: row.until.toISOString() } }; // prettier-ignore
      });
      const keys = (await endingKeys(db)).map((row): Told => {
        const key = publicId('key', row.id);
        const about = { key, role: row.role, until: row.until.toISOString() };
        return { ...base, kind: 'key-ends', topic: `key-ends ${key} ${row.days}`, about, people: people(row), roles: row.person_id === null ? stewards : [] }; // prettier-ignore
      });
      const reviews = (await lateReviews(db)).map((row): Told => {
        const [review, until] = [publicId('rvw', row.review_id), row.due_at.toISOString()];
        const late = row.days === 0;
        return {
          ...base,
          kind: late ? 'review-overdue' : 'review-due',
          // a deadline that was put off is another one
          topic: `review-due ${review} ${row.days} ${until}`,
          about: { review, role: row.role, until, count: row.open, outcome: row.on_overdue },
          roles: [row.owner],
          people: late ? row.people : [],
        };
      });
      const told = [...grants, ...keys, ...reviews];
      if (told.length > 0) await transact(db, (tx) => tell(tx, told, 'once'));
    },
    tasks: async () => {
      const at = new Date().toISOString();
      const due = (await usage.unused()).filter(({ stage }) => stage !== 'hint');
      const told = [...Map.groupBy(due, ({ role }) => role)].map(([role, found]): Told => ({
        kind: 'unused', topic: `unused ${role} ${at.slice(0, 7)}`, about: { role, count: found.length },
        roles: [found[0]?.owner ?? ''], people: [], except: null, urgent: false, customers: 0, at,
      })); // prettier-ignore
      if (told.length > 0) await transact(db, (tx) => tell(tx, told, 'once'));
    },
    digest: async () =>
      transact(db, async (tx) => {
        const rows = await takeUnmailed(tx, DIGEST);
        for (const [person, own] of Map.groupBy(rows, ({ person_id }) => person_id))
          await write(tx, person, own, false);
      }),
    sweep: () => sweepNotices(db, KEEP),
    list: async (actor) => {
      const person = personOf(actor);
      const [rows, unread] = await Promise.all([listNotices(db, person, LISTED), countUnread(db, person)]);
      const nameOf = await namer(rows);
      return { unread, notices: rows.map((row) => asView(row, nameOf)) };
    },
    read: async (actor, ids) => markRead(db, personOf(actor), ids.flatMap((id) => parsePublicId('ntc', id) ?? [])), // prettier-ignore
  };
}

/** One notice of a person and topic, whatever number of entries told of it. */
function gather(found: Map<string, NewNotice>, person: Uuid, told: Told): void {
  const { kind, topic, about, urgent, customers, at } = told;
  const key = `${person} ${topic}`;
  const known = found.get(key);
  found.set(
    key,
    known === undefined
      ? {
          notice_id: uuidv7(),
          person_id: person,
          kind,
          topic,
          about,
          urgent,
          n: 1,
          customers,
          first_at: at,
          last_at: at,
        }
      : { ...known, n: known.n + 1, customers: known.customers + customers, last_at: at },
  );
}

/** What is no entry was tampered with: `audit verify` says so. */
function readEntry(bytes: Buffer): LogEntry | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as LogEntry;
  } catch {
    return null;
  }
}

/** Of a person, a key or a workload. */
const uuidOf = (id = ''): Uuid | null => parsePublicId(id.split('_')[0] ?? '', id);
/** Names are what people typed; a mail takes no line ends and the like in them. */
const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/gu, '·');
const countsOf = ({ n, customers }: NoticeRow) => ({ count: Number(n), customers: Number(customers) });

const asView = (row: NoticeRow, nameOf: (id: string) => string): NoticeView => ({
  id: publicId('ntc', row.notice_id),
  kind: row.kind,
  urgent: row.urgent,
  ...countsOf(row),
  firstAt: row.first_at.toISOString(),
  lastAt: row.last_at.toISOString(),
  read: row.read_at !== null,
  ...wordsOf(row.kind, row.about, countsOf(row), nameOf),
});

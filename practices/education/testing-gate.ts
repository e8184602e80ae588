/** For tests of this practice: servers on one database with a clock that is set, and a course that was passed without its quiz. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { after, before } from 'node:test';

import type { AuditEvent } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { parsePublicId, publicId, uuidBytes, uuidv7, type Uuid } from '#platform/ids';
import { mailFailure } from '#platform/mail';
import { freshDatabase } from '#platform/testing';

import type { By } from './by.ts';
import { createEducation, type Education } from './education.ts';
import type { ExerciseNeeds } from './exercises/needs.ts';
import { noteChange } from './store/changes.ts';
import { insertPass } from './store/sittings.ts';
import type { Asked } from './standing/requirements.ts';

export const DAY_MS = 86_400_000;
export const START = new Date('2026-03-02T09:00:00Z');
export const later = (from: Date, days: number): Date => new Date(from.getTime() + days * DAY_MS);
/** Somebody who signs in. */
export const byPerson = (id: string): By => ({ actor: { kind: 'staff', id }, person: id, requestId: 'test' });

export async function passWithoutQuiz(
  db: Db,
  {
    person,
    course,
    hash,
    at,
    evidence = 'graded',
  }: Readonly<{ person: string; course: string; hash: string; at: Date; evidence?: 'graded' | 'client' }>,
): Promise<void> {
  const person_id = parsePublicId('per', person) as Uuid;
  await transact(db, async (tx) => {
    const row = {
      pass_id: uuidv7(),
      person_id,
      course,
      lesson_hash: hash,
      sitting_id: uuidv7(),
      passed_at: at,
      entry: null,
      evidence,
    };
    await insertPass(tx, row);
    await noteChange(tx, person_id);
  });
}

/** Nothing is set up here for an exercise. */
const NO_STAGE: ExerciseNeeds['stage'] = {
  plant: async () => null, shred: async () => undefined, pseudonymOf: (subject) => uuidBytes(subject).toString('base64url'), ask: async () => undefined, withdraw: async () => undefined, askGrant: async () => undefined, endGrants: async () => undefined,
}; // prettier-ignore

/** As the log has it. */
const bytesOf = ({ subjects, ...event }: AuditEvent, at: Date): Buffer =>
  Buffer.from(JSON.stringify({ ...event, ts: at.toISOString(), subjects: subjects?.map((each) => uuidBytes(each).toString('base64url')) })); // prettier-ignore

export type EducationWorld = Readonly<{
  db: Db;
  one: Education;
  other: Education;
  /** Of all servers. */
  set: (at: Date) => void;
  /** From now on, of the role. */
  asks: (what: Asked) => void;
  logged: { at: Date | null };
  /** How often all who work here were listed. */
  staffReads: { n: number };
  /** Mails, and crowds that would lapse. */
  told: object[];
  /** Addresses that no mail can be written to. */
  unmailed: Set<string>;
  entries: AuditEvent[];
  odd: object[];
  /** Whose grants were ended, in which role. */
  ended: string[];
  /** What was told about violations: which step, and to whom it is about. */
  steps: string[];
  /** Who was to learn nothing of a step. */
  untold: string[];
  /** Servers die when access is to be ended. */
  dies: { on: boolean };
  /** As somebody else's part of the system writes into the log. */
  log: (event: AuditEvent) => Promise<unknown>;
  bytesAt: (entry: number) => Promise<Buffer | undefined>;
  hire: (role?: string) => string;
  leave: (person: string) => void;
  effect: (person: string, server?: Education, role?: string) => Promise<string>;
  pass: (person: string, at: Date, course?: string) => Promise<void>;
  /** The same database, a server that has just begun. */
  again: () => Education;
}>;

/** One database for a file of tests; rows of one role are none of another's. */
export function educationWorlds(connections = 5): Readonly<{ fresh: () => { db: Db }; world: (role: string, asked?: Asked, start?: Date) => Promise<EducationWorld> }> {
  let opened: Awaited<ReturnType<typeof freshDatabase>>;
  before(async () => {
    const migrated = [
      { schema: 'mail', folder: new URL('../../platform/mail/sql/', import.meta.url) },
      { schema: 'access', folder: new URL('../access/sql/', import.meta.url) },
      { schema: 'education', folder: new URL('./sql/', import.meta.url) },
    ];
    opened = await freshDatabase(undefined, { connections, migrated });
  });
  after(() => opened.close());
  const world = async (role: string, first: Asked = { courses: ['phishing'], policies: [] }, start = START): Promise<EducationWorld> => {
    const { db } = opened;
    let [now, asked] = [start, first];
    const logged: EducationWorld['logged'] = { at: null };
    const [told, odd, ended, entries]: [object[], object[], string[], AuditEvent[]] = [[], [], [], []];
    const [steps, untold, times]: [string[], string[], Date[]] = [[], [], []];
    const dies = { on: false };
    const unmailed = new Set<string>();
    const staffReads = { n: 0 };
    const people: { id: string; name: string; email: string; roles: string[] }[] = [];
    const append = (event: AuditEvent) => (entries.push(event), times.push(now), Promise.resolve({ index: BigInt(entries.length - 1) }));
    const drillKey = createSecretKey(randomBytes(32));
    const open = (): Education =>
      createEducation({
        db, clock: () => now, origin: null, drillKey, actorKey: drillKey, site: 'https://strongroom.example', timeZone: 'UTC', issuer: 'Example Ltd', coursesOrigin: null, nameOf: async (id) => people.find((each) => each.id === id)?.name ?? null,
        audit: { append, appendIn: (_tx, event) => append(event), prove: async () => '', entriesWith: () => Promise.resolve([]),
          // as the real one: out of the same pool
          read: async (from, to) => (await db`select 1`, entries).slice(from, to).map((event, at) => ({ index: from + at, bytes: bytesOf(event, times[from + at] ?? now) })), size: async () => entries.length }, stage: NO_STAGE,
        askedByRoles: async () => new Map([[role, asked]]), // as the real ones: out of the same pool
        people: async () => (await db`select 1`, (staffReads.n += 1), people), newestEntryAt: async () => logged.at,
        arePeople: async () => true, mail: { queue: async (_tx, mail) => {
          if (unmailed.has(mail.to)) throw mailFailure('INVALID');
          told.push({ ...mail, entriesBefore: entries.length });
          return { id: '', fresh: true };
        } }, onBulk: (lapse) => told.push(lapse),
        violations: {
          keysOf: async (person) => [`key_${person}`], isThere: async (id) => id === 'fnd_there', wordsKey: drillKey,
          outside: async () => ({
            reviewers: people.map(({ id }) => id),
            tell: async (_tx, { step, person, not = [] }) => {
              steps.push(`${step} ${person}`);
              untold.push(...not);
            },
            end: async (tx, _by, person) => {
              await tx`update access.people set roles = '{}' where person_id = ${parsePublicId('per', person)}`;
              if (dies.on) throw new Error('killed');
              const own = ended.includes(person) ? [] : [role];
              ended.push(person);
              return { since: '2026-03-02T09:00:00.000Z', own, group: [], resting: [] };
            },
            giveBack: async (_tx, _by, person, { own }) => (ended.splice(ended.indexOf(person), 1), steps.push(`given ${own.join()}`), own),
          }),
        },
        onOddTime: (each) => odd.push(each), endGrants: async (_tx, person, in_) => (ended.push(`${person} ${in_}`), ['grt_1']),
      });
    const [one, other] = [open(), open()];
    await one.begin();
    await other.begin();
    return {
      db, one, other, logged, staffReads, told, unmailed, odd, ended, entries, steps, untold, dies, again: open,
      log: append, bytesAt: async (entry) => entries[entry] && bytesOf(entries[entry], times[entry] ?? now),
      set: (at) => (now = at),
      asks: (what) => (asked = what),
      hire: (in_ = role) => {
        const id = publicId('per', uuidv7());
        people.push({ id, name: 'Ada', email: `${id}@example.org`, roles: [in_] });
        return id;
      },
      leave: (person) => people.splice(people.findIndex(({ id }) => id === person), 1),
      effect: async (person, server = one, in_ = role) => {
        await server.gate.refresh();
        return (await server.gate.trainingOf(person, in_, asked)).effect;
      },
      pass: async (person, at, course = 'phishing') => {
        now = at;
        const hash = (await one.gate.library()).newest('lesson', course)?.hash ?? '';
        await passWithoutQuiz(db, { person, course, hash, at });
      },
    };
  };
  return { fresh: () => opened, world };
} // prettier-ignore

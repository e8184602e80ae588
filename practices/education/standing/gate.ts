/**
 * What access asks with each request of a person: may they, as they stand now? Remembered for each person and role until
 * time alone changes it, and forgotten as soon as anything else does: servers ask what is new with each request.
 *
 * INVARIANT: what somebody did, or had taken back, before a request began counts in it, on every server; and a clock that
 * is set back revives nothing.
 */
import type { Db } from '#platform/db';
import { parsePublicId, publicId, type SubjectId, type Uuid } from '#platform/ids';

import { changesAfter, headAndFloor, MOST_CHANGES } from '../store/changes.ts';
import { rowsOf, type DutyKind, type PersonRows } from '../store/duties.ts';
import { openFor } from '../store/exercises.ts';
import { allVersions } from '../store/versions.ts';
import { libraryOf, type Library } from '../texts/library.ts';
import { dutiesOf, effectIn, inRole, isAway, type Duty } from './duties.ts';
import {
  askedIn,
  assignment,
  assignNew,
  stillAsked,
  syncRequirements,
  wantedKeys,
  wantedOf,
  type Asked,
  type RequirementNeeds,
} from './requirements.ts';
import type { Effect } from './standing.ts';
import { steadyNow } from './steady.ts';
import type { Zone } from './zone.ts';

export type Lack = Readonly<{ kind: DutyKind; id: string; state: string; url: string }>;
export type Training = Readonly<{
  effect: Effect;
  lacks: readonly Lack[];
  /** Leave was noted that covers now: whoever is away sees no customer, so that it is no way around a lesson. */
  away?: true;
  /** Made-up customers of the exercise that they have begun: those alone are open to them whatever they lack. */
  exercise?: ReadonlySet<SubjectId>;
}>;

export type Gate = {
  /** Learns what changed since; one small question. With each request, before `trainingOf`. */
  refresh: () => Promise<void>;
  trainingOf: (person: string, role: string, asked: Asked) => Promise<Training>;
  /** The same for a question about somebody who does not act: nothing is written down or remembered for it. */
  wouldBe: (person: string, role: string, asked: Asked) => Promise<Training>;
  /** All that somebody has to do in these roles. */
  duties: (person: string, roles: readonly string[]) => Promise<readonly Duty[]>;
  library: () => Promise<Library>;
  /** The later one of clock and log. */
  now: () => Date;
};

export type GateNeeds = RequirementNeeds &
  Readonly<{
    db: Db;
    clock: () => Date;
    zone: Zone;
    /** Of the log. */
    newestEntryAt: () => Promise<Date | null>;
    /** What was written down is ahead of this server's clock: one of them is wrong, and the later one counts. */
    onOddTime: (odd: Readonly<{ own: Date; seen: Date }>) => void;
  }>;

type Known = Readonly<{ until: number; training: Training }>;
const SHUT: Training = { effect: 'denied', lacks: [] };
const MOST_KNOWN = 20_000;
/** Clocks of servers that are kept right are nearer to each other than this. */
const ODD_MS = 5 * 60_000;
const ODD_EVERY_MS = 3_600_000;
const WORST: readonly Effect[] = ['denied', 'masked', 'open'];

export function createGate(given: Omit<GateNeeds, 'now'>): Gate {
  let latest = 0;
  const now = (): Date => new Date((latest = Math.max(latest, given.clock().getTime())));
  const needs: GateNeeds = { ...given, now };
  const { db, zone } = needs;
  let head: bigint | null = null;
  let library: Promise<Library> | null = null;
  const known = new Map<string, Map<string, Known>>();
  const forget = (): void => {
    known.clear();
    library = null;
  };

  const shelf = (): Promise<Library> => {
    const loading = (library ??= allVersions(db).then(libraryOf));
    loading.catch(() => (library = null));
    return loading;
  };
  let oddAt = -Infinity;
  const seen = (at: Date | null): void => {
    if (at === null) return;
    const own = given.clock();
    if (at.getTime() - own.getTime() > ODD_MS && Math.abs(own.getTime() - oddAt) > ODD_EVERY_MS) {
      oddAt = own.getTime();
      needs.onOddTime({ own, seen: at });
    }
    latest = Math.max(latest, steadyNow(own, at).getTime());
  };
  const steady = async (): Promise<Date> => {
    seen(await needs.newestEntryAt());
    return now();
  };
  const refresh = async (): Promise<void> => {
    const { n: newest, floor } = await headAndFloor(db);
    seen(floor);
    const from = head;
    if (from !== null && newest <= from) return;
    const changes = from === null ? [] : await changesAfter(db, from);
    // numbers have no gaps: what is not there was swept meanwhile, and may have been about anybody
    const whole = from !== null && changes[0]?.n === from + 1n && changes.length < MOST_CHANGES;
    if (!whole || changes.some(({ person_id }) => person_id === null)) forget();
    else for (const { person_id } of changes) known.delete(publicId('per', person_id as Uuid));
    const last = whole ? (changes.at(-1)?.n ?? newest) : newest;
    if (head === null || head < last) head = last;
  };
  const NOTHING: PersonRows = { assignments: [], done: [], revoked: [], exempt: [], absent: [], extended: [] };
  const rowsFor = async (person: string): Promise<PersonRows> => {
    const id = parsePublicId('per', person);
    return id === null ? NOTHING : rowsOf(db, [id]);
  };
  const dutiesIn = async (rows: PersonRows): Promise<readonly Duty[]> =>
    dutiesOf(rows, await shelf(), zone, await steady());

  const look = async (person: string, role: string, asked: Asked, how: 'acts' | 'is asked about'): Promise<Known> => {
    const wanted = wantedOf(role, asked);
    const lacking = (all: readonly Duty[]) =>
      wanted.filter((each) => !all.some(({ kind, id, roles }) => kind === each.kind && id === each.text_id && roles.includes(role)));
    let rows = await rowsFor(person);
    let all = await dutiesIn(rows);
    let missing = lacking(all);
    if (how === 'acts' && missing.length > 0) {
      // a role that asks for something new: whoever had it before has time for it
      if (await syncRequirements(needs)) missing = lacking((all = await dutiesIn(await rowsFor(person))));
      if (missing.length > 0) await assignNew(needs, person, missing);
      rows = await rowsFor(person);
      all = await dutiesIn(rows);
    } else if (missing.length > 0) {
      // as it would be for who comes into the role at this moment; what they have passed counts
      const assigned = missing.flatMap((each) => assignment(person, each, 'new', now()));
      all = await dutiesIn({ ...rows, assignments: [...rows.assignments, ...assigned] });
    }
    const at = now();
    const mine = askedIn(inRole(all, role), wanted);
    const changes = [...mine.flatMap(({ standing }) => standing.changesAt ?? []), ...rows.absent.flatMap(({ from, until }) => [from, until ?? []].flat())];
    const lacks = mine
      .filter(({ standing }) => standing.effect !== 'open')
      .toSorted((a, b) => WORST.indexOf(a.standing.effect) - WORST.indexOf(b.standing.effect))
      .map(({ kind, id, standing }): Lack => ({ kind, id, state: standing.state, url: urlOf(kind, id) }));
    const away = isAway(rows, at);
    const id = how === 'acts' ? parsePublicId('per', person) : null;
    const begun = id === null ? null : await openFor(db, id);
    const exercise = begun !== null && begun.endsAt > at ? { exercise: new Set(begun.subjects) } : {};
    if (begun !== null) changes.push(begun.endsAt);
    return {
      until: Math.min(...changes.map((each) => each.getTime()).filter((each) => each > at.getTime()), Infinity),
      training: { effect: away ? 'denied' : effectIn(mine), lacks, ...(away ? { away } : {}), ...exercise },
    };
  }; // prettier-ignore

  return {
    now,
    refresh,
    duties: async (person, roles) =>
      stillAsked(await dutiesIn(await rowsFor(person)), roles, wantedKeys(await needs.askedByRoles())),
    library: shelf,
    wouldBe: async (person, role, asked) =>
      asked === 'programs' ? SHUT : (await look(person, role, asked, 'is asked about')).training,
    trainingOf: async (person, role, asked) => {
      // it is for keys alone: a person in it sees no customer, whatever they have learned
      if (asked === 'programs') return SHUT;
      const key =
        typeof asked === 'string'
          ? role
          : `${role} ${asked.courses.join()} ${asked.policies.join()} ${asked.drills?.join() ?? ''}`;
      const mine = known.get(person) ?? new Map<string, Known>();
      const remembered = mine.get(key);
      if (remembered !== undefined && now().getTime() < remembered.until) return remembered.training;
      const before = head;
      const found = await look(person, role, asked, 'acts');
      // something changed while it was looked up: the answer holds for this request, and is not kept
      if (head === before) {
        if (known.size >= MOST_KNOWN) known.clear();
        mine.set(key, found);
        known.set(person, mine);
      }
      return found.training;
    },
  };
}

const PATHS: Readonly<Record<DutyKind, string>> = { course: 'courses', policy: 'policies', drill: 'drills/about' };
const urlOf = (kind: DutyKind, id: string): string => `/v1/education/${PATHS[kind]}/${id}`;

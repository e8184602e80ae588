/**
 * What access asks with each request of a person: may they, as they stand now? Remembered for each person and role until
 * time alone changes it, and forgotten as soon as anything else does: servers ask what is new with each request.
 *
 * INVARIANT: what somebody did, or had taken back, before a request began counts in it, on every server; and a clock that
 * is set back revives nothing.
 */
import type { Db } from '#platform/db';
import { parsePublicId, publicId, type Uuid } from '#platform/ids';

import { changeHead, changesAfter, MOST_CHANGES } from '../store/changes.ts';
import { rowsOf, type DutyKind } from '../store/duties.ts';
import { allVersions } from '../store/versions.ts';
import { libraryOf, type Library } from '../texts/library.ts';
import { dutiesOf, effectIn, inRole, type Duty } from './duties.ts';
import { assignNew, syncRequirements, wantedOf, type Asked, type RequirementNeeds } from './requirements.ts';
import type { Effect } from './standing.ts';
import { steadyNow } from './steady.ts';
import type { Zone } from './zone.ts';

export type Lack = Readonly<{ kind: DutyKind; id: string; state: string; url: string }>;
export type Training = Readonly<{ effect: Effect; lacks: readonly Lack[] }>;

export type Gate = {
  /** Learns what changed since; one small question. With each request, before `trainingOf`. */
  refresh: () => Promise<void>;
  trainingOf: (person: string, role: string, asked: Asked) => Promise<Training>;
  /** All that somebody has to do, in any role. */
  duties: (person: string) => Promise<readonly Duty[]>;
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
  }>;

type Known = Readonly<{ until: number; training: Training }>;
const OPEN: Training = { effect: 'open', lacks: [] };
const MOST_KNOWN = 20_000;
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
  const steady = async (): Promise<Date> => {
    const at = steadyNow(now(), await needs.newestEntryAt());
    latest = Math.max(latest, at.getTime());
    return at;
  };
  const refresh = async (): Promise<void> => {
    const newest = await changeHead(db);
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
  const duties = async (person: string): Promise<readonly Duty[]> => {
    const id = parsePublicId('per', person);
    return id === null ? [] : dutiesOf(await rowsOf(db, id), id, await shelf(), zone, await steady());
  };

  const look = async (person: string, role: string, asked: Asked): Promise<Known> => {
    const wanted = wantedOf(role, asked);
    const lacking = (all: readonly Duty[]) =>
      wanted.filter((each) => !all.some(({ kind, id, roles }) => kind === each.kind && id === each.text_id && roles.includes(role)));
    let all = await duties(person);
    if (lacking(all).length > 0) {
      // a role that asks for something new: whoever had it before has time for it
      if (await syncRequirements(needs)) all = await duties(person);
      const missing = lacking(all);
      if (missing.length > 0) await assignNew(needs, person, missing);
      if (missing.length > 0) all = await duties(person);
    }
    // what a role asked for once and asks no more counts no more
    const mine = inRole(all, role).filter(
      ({ kind, id, roles }) => roles.length === 0 || wanted.some((each) => each.kind === kind && each.text_id === id),
    );
    const changes = mine.flatMap(({ standing }) => standing.changesAt ?? []);
    const lacks = mine
      .filter(({ standing }) => standing.effect !== 'open')
      .toSorted((a, b) => WORST.indexOf(a.standing.effect) - WORST.indexOf(b.standing.effect))
      .map(({ kind, id, standing }): Lack => ({ kind, id, state: standing.state, url: urlOf(kind, id) }));
    return {
      until: Math.min(...changes.map((each) => each.getTime()), Infinity),
      training: { effect: effectIn(mine), lacks },
    };
  }; // prettier-ignore

  return {
    now,
    refresh,
    duties,
    library: shelf,
    trainingOf: async (person, role, asked) => {
      if (asked === 'programs') return OPEN;
      const key = typeof asked === 'string' ? role : `${role} ${asked.courses.join()} ${asked.policies.join()}`;
      const mine = known.get(person) ?? new Map<string, Known>();
      const remembered = mine.get(key);
      if (remembered !== undefined && now().getTime() < remembered.until) return remembered.training;
      const before = head;
      const found = await look(person, role, asked);
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

const urlOf = (kind: DutyKind, id: string): string =>
  `/v1/education/${kind === 'course' ? 'courses' : 'policies'}/${id}`;

/**
 * Whom a breach concerns: not remembered and not guessed, but asked of the log, which has an entry before any value leaves.
 *
 * What is found is at most what left: an entry says which fields left of all of its records together. What the log cannot
 * say is counted beside it. Source: GDPR art. 33(3)(a); EDPB Guidelines 9/2022 §§ 29–39
 */
import { createHash } from 'node:crypto';

import { canonicalJson, type Audit, type Json } from '#platform/audit';
import { uuidBytes, uuidText, type Uuid } from '#platform/ids';

import { LEAVES } from './leaves.ts';
import { entriesIn, type ScopeEntry } from './log-entries.ts';

/** Any of the actors, grants or requests; both ends of the time are within. */
export type Criteria = Readonly<{
  actors: readonly string[];
  grants: readonly string[];
  requests: readonly string[];
  from: Date;
  to: Date;
}>;
export type Found = Readonly<{
  /** Names of fields that left in clear, and masked: of all who stand in the same entries. */
  clear: readonly string[];
  masked: readonly string[];
  classes: Readonly<{ clear: readonly string[]; masked: readonly string[] }>;
  actions: readonly string[];
  purposes: readonly string[];
  firstAt: string;
  lastAt: string;
  entries: readonly number[];
}>;
export type Unknown = Readonly<{
  /** Entries that have a number of people only, and those people at most. */
  unnamed: Readonly<{ entries: readonly number[]; subjectsAtMost: number }>;
  /** Of the log in that time: rows that are gone, and entries that nobody can read. */
  missing: number;
  unreadable: number;
  /** Of those that were found: they have no proof yet. */
  unpublished: number;
  tampered: boolean;
  /** Alarms of that time that more left the machines than the log tells of. */
  unlogged: number;
  /** Of what was asked for: in no entry of that time, whatever it tells of. */
  unseen: readonly string[];
  /** Entries that name nobody and have no number either: words were read, that may tell of anybody. */
  uncounted: readonly number[];
  /** Places where the log's times go back further than clocks may differ. */
  disordered: number;
  /** Other keys that these people made, an application’s among them maybe, and that were not asked for. */
  notAsked: readonly string[];
  /** People who were made up for exercises stood in these entries: they are nobody, and not among those found. */
  madeUp: number;
  /** The time that was asked for was not over then. */
  notYet: string | null;
}>;
export type Scope = Readonly<{
  subjects: ReadonlyMap<Uuid, Found>;
  entries: readonly number[];
  logSize: number;
  unknown: Unknown;
  hash: string;
}>;
export type ScopeNeeds = Readonly<{
  log: Pick<Audit, 'read' | 'size' | 'status'>;
  /** Who stood in entries that name none, by the entries' indexes. */
  batchesOf: (entries: readonly number[]) => Promise<ReadonlyMap<number, readonly Uuid[]>>;
  classOf: (collection: string, field: string) => string | null;
  unlogged: (from: Date, to: Date) => Promise<number>;
  /** Keys that act as a person, and others that they made, ended ones too. */
  keysOf: (person: string) => Promise<KeysOfPerson>;
  /** Who was made up for an exercise around that time, as they stand in the log. */
  madeUp: (from: Date, to: Date) => Promise<ReadonlySet<Uuid>>;
  clock: () => Date;
}>;
export type KeysOfPerson = Readonly<{ own: readonly string[]; services: readonly string[] }>;

type Gathered = { clear: Set<string>; masked: Set<string>; inClear: Set<string>; inMasked: Set<string>; actions: Set<string>; purposes: Set<string>; times: string[]; entries: number[] }; // prettier-ignore

export async function findScope(needs: ScopeNeeds, criteria: Criteria): Promise<Scope> {
  const logSize = await needs.log.size();
  const now = needs.clock();
  const theirs = new Map<string, KeysOfPerson>();
  for (const actor of criteria.actors) if (actor.startsWith('per_')) theirs.set(actor, await needs.keysOf(actor));
  const wanted = { ...criteria, actors: [...new Set([...criteria.actors, ...[...theirs.values()].flatMap(({ own }) => own)])] };
  const nobody = await needs.madeUp(criteria.from, criteria.to);
  const met = new Set<Uuid>();
  const seen = new Set<string>();
  const subjects = new Map<Uuid, Gathered>();
  const entries: number[] = [];
  const unnamed = { entries: [] as number[], subjectsAtMost: 0 };
  const uncounted: number[] = [];
  let [missing, unreadable, disordered] = [0, 0, 0];
  for await (const page of entriesIn(needs.log, criteria.from, criteria.to, logSize)) {
    missing += page.missing;
    unreadable += page.unreadable;
    disordered += page.disordered;
    for (const { actor, decision, requestId } of page.entries) for (const each of [actor.id, requestId ?? '', ...(decision?.grants ?? [])]) seen.add(each);
    const meant = page.entries.filter((entry) => entry.outcome === 'done' && LEAVES.test(entry.action) && isMeant(entry, wanted));
    const crowds = meant.filter(({ subjectSet }) => subjectSet !== undefined);
    const batches = crowds.length === 0 ? new Map() : await needs.batchesOf(crowds.map(({ index }) => index));
    for (const entry of meant) {
      const named = whoIn(entry, batches.get(entry.index));
      for (const each of named ?? []) if (nobody.has(each)) met.add(each);
      const concerned = named?.filter((each) => !nobody.has(each)) ?? null;
      if (concerned === null && entry.subjectSet === undefined) uncounted.push(entry.index);
      else if (concerned === null) {
        unnamed.entries.push(entry.index);
        unnamed.subjectsAtMost += entry.subjectSet?.count ?? 0;
      }
      // a search that found nobody
      if (concerned?.length === 0) continue;
      entries.push(entry.index);
      for (const subject of concerned ?? []) gather(subjects, subject, entry, needs.classOf);
    }
  } // prettier-ignore
  const { tampered, publishedSize } = await needs.log.status();
  const isSeen = (asked: string): boolean => [asked, ...(theirs.get(asked)?.own ?? [])].some((each) => seen.has(each));
  const unknown: Unknown = {
    unnamed, uncounted, madeUp: met.size, missing, unreadable, disordered, tampered,
    unseen: [...new Set([...criteria.actors, ...criteria.grants, ...criteria.requests])].filter((each) => !isSeen(each)),
    notAsked: [...new Set([...theirs.values()].flatMap(({ services }) => services))].filter((each) => !criteria.actors.includes(each)),
    notYet: criteria.to > now ? now.toISOString() : null,
    unpublished: entries.filter((index) => index >= publishedSize).length,
    unlogged: await needs.unlogged(criteria.from, criteria.to),
  }; // prettier-ignore
  const found = new Map([...subjects].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([who, what]) => [who, settle(what)]));
  return { subjects: found, entries, logSize, unknown, hash: hashOf(criteria, entries, found, unknown) };
} // prettier-ignore

const isMeant = ({ actor, decision, requestId }: ScopeEntry, { actors, grants, requests }: Criteria): boolean =>
  actors.includes(actor.id) ||
  (requestId !== undefined && requests.includes(requestId)) ||
  (decision?.grants ?? []).some((grant) => grants.includes(grant));

/**
 * @returns none only when the entry itself says that it was of no record; null when it names nobody, or what was noted
 *   beside it is not what the entry has the hash of
 */
function whoIn(entry: ScopeEntry, batch: readonly Uuid[] | undefined): readonly Uuid[] | null {
  const { subjects, subjectSet, detail } = entry;
  if (subjects !== undefined) return subjects.map((each) => uuidText(Buffer.from(each, 'base64url')));
  if (subjectSet === undefined) return detail?.records === 0 ? [] : null;
  if (batch === undefined) return null;
  const names = batch.map((each) => uuidBytes(each).toString('base64url')).toSorted();
  const hash = createHash('sha256').update(names.join('\n')).digest('base64url');
  return hash === subjectSet.hash && names.length === subjectSet.count ? batch : null;
}

function gather(subjects: Map<Uuid, Gathered>, subject: Uuid, entry: ScopeEntry, classOf: ScopeNeeds['classOf']): void {
  const before = subjects.get(subject);
  const all: Gathered = before ?? { clear: new Set(), masked: new Set(), inClear: new Set(), inMasked: new Set(), actions: new Set(), purposes: new Set(), times: [], entries: [] };
  if (before === undefined) subjects.set(subject, all);
  const { clear = [], masked = [], collections = [] } = entry.detail ?? {};
  const classesOf = (fields: readonly string[]): readonly string[] =>
    fields.flatMap((field) => {
      const classes = collections.map((each) => classOf(each, field)).filter((each) => each !== null && (entry.classes ?? [each]).includes(each)) as string[];
      // a field that the catalogue does not know any more, or knows as of another class: all that the entry has
      return classes.length === 0 ? (entry.classes ?? []) : classes;
    });
  for (const each of clear) all.clear.add(each);
  for (const each of masked) all.masked.add(each);
  const whole = entry.detail?.clear === undefined ? wholeOf(entry) : [];
  // a token is not its value: who opens it has an entry too
  const into = entry.action === 'vault.tokenise' ? all.inMasked : all.inClear;
  for (const each of whole) into.add(each);
  for (const each of classesOf(clear)) all.inClear.add(each);
  for (const each of classesOf(masked)) all.inMasked.add(each);
  all.actions.add(entry.action);
  if (entry.purpose !== undefined) all.purposes.add(entry.purpose);
  all.times.push(entry.ts);
  all.entries.push(entry.index);
} // prettier-ignore

/** A file, a token, what somebody said or asked: the entry has no list of fields. */
const wholeOf = ({ action, classes }: ScopeEntry): readonly string[] =>
  action.startsWith('privacy.') ? ['personal'] : (classes ?? []);

function settle({ clear, masked, inClear, inMasked, actions, purposes, times, entries }: Gathered): Found {
  const [sorted, list] = [times.toSorted(), (set: ReadonlySet<string>) => [...set].toSorted()];
  return {
    clear: list(clear), masked: list(masked), classes: { clear: list(inClear), masked: list(inMasked) },
    actions: list(actions), purposes: list(purposes), firstAt: sorted[0] as string, lastAt: sorted.at(-1) as string, entries,
  };
} // prettier-ignore

/** Of what was asked and found, so that two runs are the same or are not: how far the log had come is no part of it. */
function hashOf(criteria: Criteria, entries: readonly number[], subjects: ReadonlyMap<Uuid, Found>, unknown: Unknown): string {
  const { unpublished: _proofs, notYet: _end, madeUp, ...others } = unknown;
  // those that were asked before these were told apart keep their hash
  const facts = madeUp === 0 ? others : { ...others, madeUp };
  const text = canonicalJson({
    criteria: criteriaOut(criteria), entries: [...entries], unknown: facts as unknown as Json, subjects: Object.fromEntries(subjects) as unknown as Json,
  });
  return createHash('sha256').update(text).digest('base64url');
} // prettier-ignore

export const criteriaOut = ({ actors, grants, requests, from, to }: Criteria) => ({
  actors: [...actors],
  grants: [...grants],
  requests: [...requests],
  from: from.toISOString(),
  to: to.toISOString(),
});

/** How many people lost something of a class in clear, and how many something masked of it and nothing in clear. */
export type ByClass = Readonly<{ class: string; clear: number; masked: number }>;
export type Totals = Readonly<{ classes: readonly string[]; byClass: readonly ByClass[]; subjects: number; inClear: number; maskedOnly: number; knownOnly: number; entries: number; firstAt: string | null; lastAt: string | null }>; // prettier-ignore

export function totalsOf({ subjects, entries }: Scope): Totals {
  const all = [...subjects.values()];
  const inClear = all.filter(({ clear, classes }) => clear.length + classes.clear.length > 0).length;
  const maskedOnly = all.filter(({ clear, classes, masked }) => clear.length + classes.clear.length === 0 && masked.length > 0).length; // prettier-ignore
  const classes = [...new Set(all.flatMap((each) => [...each.classes.clear, ...each.classes.masked]))].toSorted();
  const lost = (name: string, how: 'clear' | 'masked') => all.filter((each) => each.classes[how].includes(name) && (how === 'clear' || !each.classes.clear.includes(name))).length; // prettier-ignore
  return {
    classes, byClass: classes.map((name) => ({ class: name, clear: lost(name, 'clear'), masked: lost(name, 'masked') })),
    subjects: all.length, inClear, maskedOnly, knownOnly: all.length - inClear - maskedOnly, entries: entries.length,
    firstAt: all.map(({ firstAt }) => firstAt).toSorted()[0] ?? null, lastAt: all.map(({ lastAt }) => lastAt).toSorted().at(-1) ?? null,
  }; // prettier-ignore
}

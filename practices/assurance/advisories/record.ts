/**
 * Records of OSV: what is affected, from which version to which. Only what is used of them is kept.
 * Source: OSV Schema 1.7
 */
import { isMembers, listOf, membersOf, wordOf, wordsOf, type Members } from '../shape.ts';
import { advisoryFailure } from './failures.ts';
import { parsed, timeOf } from './parsed.ts';

export type RangeEvent = Readonly<{ at: 'introduced' | 'fixed' | 'last_affected' | 'limit'; version: string }>;
export type Range = Readonly<{ type: 'SEMVER' | 'ECOSYSTEM'; events: readonly RangeEvent[] }>;

export type AffectedPackage = Readonly<{
  ecosystem: string;
  name: string;
  ranges: readonly Range[];
  versions: readonly string[];
}>;

export type OsvRecord = Readonly<{
  id: string;
  modified: Date;
  aliases: readonly string[];
  withdrawn: boolean;
  summary: string;
  /** CVSS 4.0 before 3.1. */
  cvss: string | null;
  /** What the database says in a word, where there is no vector. */
  said: string | null;
  references: readonly string[];
  affected: readonly AffectedPackage[];
}>;

const EVENTS = ['introduced', 'fixed', 'last_affected', 'limit'] as const;

/**
 * One file of a mirror or an upload: a record, or a list of them.
 * @throws ASSURANCE_ADVISORY_MALFORMED, ASSURANCE_ADVISORY_TOO_LARGE
 */
export function readRecords(bytes: Uint8Array, name: string): readonly OsvRecord[] {
  const value = parsed(bytes, name);
  return (Array.isArray(value) ? value : [value]).map((each) => recordOf(each, name));
}

function recordOf(value: unknown, name: string): OsvRecord {
  const record = membersOf(value);
  const id = wordOf(record.id);
  const modified = timeOf(record.modified);
  if (id === undefined || modified === null)
    throw advisoryFailure('ADVISORY_MALFORMED', { detail: `${name} has no id, or no time of its last change` });
  const vectors = listOf(record.severity).map((each) => wordOf(membersOf(each).score) ?? '');
  return {
    id,
    modified,
    aliases: wordsOf(record.aliases),
    // a time in the future withdraws nothing yet; nobody writes one, and any other value is a withdrawal too
    withdrawn: record.withdrawn !== undefined && record.withdrawn !== null,
    summary: (wordOf(record.summary) ?? wordOf(record.details) ?? '').slice(0, 300),
    cvss:
      vectors.find((each) => each.startsWith('CVSS:4')) ?? vectors.find((each) => each.startsWith('CVSS:3')) ?? null,
    said: wordOf(membersOf(record.database_specific).severity) ?? null,
    references: listOf(record.references)
      .flatMap((each) => wordOf(membersOf(each).url) ?? [])
      .slice(0, 20),
    affected: listOf(record.affected).filter(isMembers).flatMap(affectedOf),
  };
}

function affectedOf(each: Members): readonly AffectedPackage[] {
  const { ecosystem, name } = membersOf(each.package);
  // commits are no versions: ranges of GIT name a repository, and no package
  if (wordOf(ecosystem) === undefined || wordOf(name) === undefined) return [];
  return [
    {
      ecosystem: ecosystem as string,
      name: name as string,
      ranges: listOf(each.ranges).filter(isMembers).flatMap(rangeOf),
      versions: wordsOf(each.versions),
    },
  ];
}

function rangeOf({ type, events }: Members): readonly Range[] {
  if (type !== 'SEMVER' && type !== 'ECOSYSTEM') return [];
  return [
    {
      type,
      events: listOf(events).flatMap((event) =>
        EVENTS.flatMap((at) => {
          const version = wordOf(membersOf(event)[at]);
          return version === undefined ? [] : [{ at, version }];
        }),
      ),
    },
  ];
}

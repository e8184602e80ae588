/** What was published, as this server remembers it: versions never change, so only new ones are read. */
import type { DutyKind } from '../store/duties.ts';
import type { VersionKind, VersionRow } from '../store/versions.ts';
import { educationFailure } from '../failures.ts';
import { readText, type TextOf } from './read-text.ts';

export type Version<K extends VersionKind = VersionKind> = Readonly<{
  kind: K;
  id: string;
  seq: number;
  /** Of the whole text: what somebody passes or signs. */
  hash: string;
  locale: string;
  /** Whether it changes what people do: then they do it anew. */
  material: boolean;
  source: string;
  publishedAt: Date;
  publishedBy: string;
  /** @throws EDUCATION_TEXT_INVALID where a newer program does not read it any more */
  text: () => TextOf[K];
  isReadable: () => boolean;
}>;

export type Library = Readonly<{
  /** The newest of each text. */
  all: <K extends VersionKind>(kind: K) => readonly Version<K>[];
  /** Oldest first; none where there is no such text. */
  versions: <K extends VersionKind>(kind: K, id: string) => readonly Version<K>[];
  newest: <K extends VersionKind>(kind: K, id: string) => Version<K> | null;
  /** Its id where there is none, or where a newer program does not read it any more. */
  titleOf: (kind: VersionKind, id: string) => string;
}>;

/** A course is a lesson of ours or a package made elsewhere; both at once have no such name. */
export function versionsOfDuty(library: Library, kind: DutyKind, id: string): readonly Version[] {
  if (kind !== 'course') return library.versions(kind, id);
  const lessons = library.versions('lesson', id);
  return lessons.length > 0 ? lessons : library.versions('package', id);
}
export const titleOfDuty = (library: Library, kind: DutyKind, id: string): string => {
  const newest = versionsOfDuty(library, kind, id).at(-1);
  return newest === undefined ? id : library.titleOf(newest.kind, id);
};

export function libraryOf(rows: readonly VersionRow[]): Library {
  const shelves = new Map<string, Version[]>();
  for (const row of rows) {
    const key = `${row.kind} ${row.text_id}`;
    const versions = shelves.get(key) ?? [];
    versions.push(versionOf(row));
    shelves.set(key, versions);
  }
  const versions: Library['versions'] = (kind, id) => (shelves.get(`${kind} ${id}`) ?? []) as never;
  return {
    versions,
    newest: (kind, id) => versions(kind, id).at(-1) ?? null,
    titleOf: (kind, id) => {
      try {
        return versions(kind, id).at(-1)?.text().title ?? id;
      } catch {
        return id;
      }
    },
    all: (kind) =>
      [...shelves.values()].map((each) => each.at(-1) as Version).filter((each) => each.kind === kind) as never,
  };
}

function versionOf(row: VersionRow): Version {
  let read: TextOf[VersionKind] | undefined;
  const isReadable = (): boolean => read !== undefined || readText(row.kind, row.source).ok;
  return {
    kind: row.kind,
    id: row.text_id,
    seq: row.seq,
    hash: row.hash,
    locale: row.locale,
    material: row.material,
    source: row.source,
    publishedAt: row.published_at,
    publishedBy: row.published_by,
    isReadable,
    text: () => {
      if (read !== undefined) return read;
      const found = readText(row.kind, row.source);
      if (!found.ok) throw educationFailure('TEXT_INVALID', { extra: { faults: found.faults } });
      return (read = found.value);
    },
  };
}

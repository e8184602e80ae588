/** Statements on texts as they were published: they are added, and stay. */
import type { Statements } from '#platform/db';

export type TextKind = 'lesson' | 'quiz' | 'exercise' | 'policy' | 'drill';
/** A package is taken in as files, and not written as a text. */
export type VersionKind = TextKind | 'package';
export type VersionRow = Readonly<{
  kind: VersionKind;
  text_id: string;
  seq: number;
  hash: string;
  locale: string;
  material: boolean;
  source: string;
  published_by: string;
  published_at: Date;
}>;

/** @returns false when another one has taken its place meanwhile */
export async function insertVersion(tx: Statements, row: VersionRow): Promise<boolean> {
  const made = await tx`
    insert into education.versions (kind, text_id, seq, hash, locale, material, source, published_by, published_at)
    values (${row.kind}, ${row.text_id}, ${row.seq}, ${row.hash}, ${row.locale}, ${row.material}, ${row.source}, ${row.published_by}, ${row.published_at})
    on conflict do nothing`;
  return made.count === 1;
}

/** Who publishes, one after the other: that a name is free, and whose files are there, stays so until it is committed. */
export async function holdVersions(tx: Statements): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('education.versions', 0))`;
}

/** All of them, oldest first: a few for each text. */
export async function allVersions(db: Statements): Promise<VersionRow[]> {
  return db<VersionRow[]>`select * from education.versions order by kind, text_id, seq`;
}

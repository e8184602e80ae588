/** Statements on published notices: they are added, and stay. */
import type { Statements } from '#platform/db';

import type { Texts } from '../notice/facts.ts';

export type NoticeRow = Readonly<{
  hash: Buffer;
  facts: unknown;
  texts: Readonly<Record<string, Texts>>;
  languages: string[];
  published_at: Date;
  published_by: string;
}>;

/** The newest holds, also after one that was published while a clock ran ahead. Publishing the same again makes it the newest again. */
export async function insertNotice(tx: Statements, row: NoticeRow): Promise<NoticeRow> {
  const [made] = await tx<NoticeRow[]>`
    insert into privacy.notices (hash, facts, texts, languages, published_at, published_by)
    values (${row.hash}, ${JSON.stringify(row.facts)}::text::jsonb, ${JSON.stringify(row.texts)}::text::jsonb, ${row.languages},
      greatest(${row.published_at}::timestamptz, (select max(published_at) + interval '1 millisecond' from privacy.notices)), ${row.published_by})
    on conflict (hash) do update set published_at = excluded.published_at, published_by = excluded.published_by
    returning *`;
  return made as NoticeRow;
}

export async function findNotice(db: Statements, hash: Buffer): Promise<NoticeRow | null> {
  const [row] = await db<NoticeRow[]>`select * from privacy.notices where hash = ${hash}`;
  return row ?? null;
}

export type VersionRow = Readonly<{ hash: Buffer; published_at: Date; published_by: string }>;

/** Newest first, without what they say. */
export async function noticeVersions(db: Statements, limit: number): Promise<VersionRow[]> {
  return db<VersionRow[]>`
    select hash, published_at, published_by from privacy.notices order by published_at desc limit ${limit}`;
}

/** @returns false when it was noted before */
export async function noteDrift(tx: Statements, notice: Buffer, facts: Buffer): Promise<boolean> {
  const noted = await tx`
    insert into privacy.notice_drifts (notice, facts) values (${notice}, ${facts}) on conflict do nothing`;
  return noted.count === 1;
}

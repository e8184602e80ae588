/** Statements on files of courses made elsewhere, and on which of those courses count. */
import type { Statements } from '#platform/db';

import { VERBS } from '../cmi5/words.ts';

export type FileRow = Readonly<{ package: string; path: string; sha256: string; size: string }>;

/** With its contents: of one that was replaced, paths and hashes alone are left. */
export async function hasPackage(db: Statements, hash: string): Promise<boolean> {
  return (await db`select from education.package_chunks where package = ${hash} limit 1`).count > 0;
}

export async function insertFile(tx: Statements, row: FileRow): Promise<void> {
  await tx`insert into education.package_files (package, path, sha256, size) values (${row.package}, ${row.path}, ${row.sha256}, ${row.size})
    on conflict do nothing`;
}

export async function insertChunk(tx: Statements, row: Readonly<{ package: string; path: string; n: number; bytes: Buffer }>): Promise<void> {
  await tx`insert into education.package_chunks (package, path, n, bytes) values (${row.package}, ${row.path}, ${row.n}, ${row.bytes})`;
} // prettier-ignore

export async function fileRow(db: Statements, hash: string, path: string): Promise<FileRow | null> {
  const [row] = await db<FileRow[]>`select * from education.package_files where package = ${hash} and path = ${path}`;
  return row ?? null;
}

export async function chunkOf(db: Statements, hash: string, path: string, n: number): Promise<Buffer | null> {
  const [row] = await db<{ bytes: Buffer }[]>`
    select bytes from education.package_chunks where package = ${hash} and path = ${path} and n = ${n}`;
  return row?.bytes ?? null;
}

export type CountingRow = Readonly<{ course: string; counts: boolean; said_by: string; said_at: Date }>;
export async function sayCounting(tx: Statements, row: CountingRow): Promise<void> {
  await tx`
    insert into education.counting (course, counts, said_by, said_at) values (${row.course}, ${row.counts}, ${row.said_by}, ${row.said_at})
    on conflict (course) do update set counts = excluded.counts, said_by = excluded.said_by, said_at = excluded.said_at`;
}
export async function countingRows(db: Statements): Promise<CountingRow[]> {
  return db<CountingRow[]>`select * from education.counting order by course`;
}

/** Of packages that are the newest of no course, and that nobody is in: by both clocks, since the trigger goes by the database's. @returns how many pieces went */
export async function deleteOldChunks(tx: Statements, now: Date): Promise<number> {
  const gone = await tx`
    delete from education.package_chunks where package in (
      select package from (select distinct package from education.package_chunks) p
      where not exists (
          select from (select distinct on (text_id) hash from education.versions where kind = 'package' order by text_id, seq desc) newest
          where newest.hash = p.package)
        and not exists (select from education.course_runs r where r.hash = p.package and r.state = 'open' and r.ends_at > least(${now}::timestamptz, now()))
        and not exists (
          select from education.part_sessions s join education.course_runs r using (run_id)
          where r.hash = p.package and s.state <> 'abandoned' and s.ends_at > least(${now}::timestamptz, now())))`;
  return gone.count;
}

/** Runs that nobody ended, and whose time was over then: where they were to go on is kept no longer. */
export async function dropLeftRuns(tx: Statements, before: Date): Promise<number> {
  // what somebody need not take is said for as long as the version is the newest one
  const gone = await tx`
    delete from education.course_runs r where r.state = 'open' and r.ends_at < ${before}
      and not (
        exists (select from education.part_statements s where s.run_id = r.run_id and s.kind = 'ours' and s.verb = ${VERBS.waived})
        and r.hash = (select v.hash from education.versions v where v.kind = 'package' and v.text_id = r.course order by v.seq desc limit 1))`;
  return gone.count;
}

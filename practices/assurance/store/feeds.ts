/** Statements on reports that came in, and on what is known of advisories. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type ReportRow = Readonly<{
  report_id: Uuid;
  sha256: string;
  source: string;
  assets: string[];
  loaded_at: Date;
  loaded_by: string;
  findings: number;
  opened: number;
  reopened: number;
  retest: number;
}>;

export async function insertReport(tx: Statements, row: ReportRow): Promise<void> {
  await tx`
    insert into assurance.reports (report_id, sha256, source, assets, loaded_at, loaded_by, findings, opened, reopened, retest)
    values (${row.report_id}, ${row.sha256}, ${row.source}, ${row.assets}::text[], ${row.loaded_at}, ${row.loaded_by}, ${row.findings},
      ${row.opened}, ${row.reopened}, ${row.retest})`;
}

/** Newest first. */
export async function listReports(db: Statements, limit: number): Promise<ReportRow[]> {
  return db<ReportRow[]>`select * from assurance.reports order by loaded_at desc, report_id desc limit ${limit}`;
}

export type FeedName = 'osv' | 'kev' | 'epss';
export type FeedRow = Readonly<{
  feed: FeedName;
  loaded_at: Date;
  newest_at: Date | null;
  records: number;
  sha256: string;
  loaded_by: string;
}>;
export type AdvisoryRow = Readonly<{ id: string; parts: readonly string[]; body: unknown }>;

export async function readFeeds(db: Statements): Promise<FeedRow[]> {
  return db<FeedRow[]>`select * from assurance.feeds order by feed`;
}

/** What was there is gone with it, in the same transaction. */
export async function beginFeed(tx: Statements, row: FeedRow): Promise<void> {
  await tx`delete from assurance.advisories where feed = ${row.feed}`;
  await tx`
    insert into assurance.feeds (feed, loaded_at, newest_at, records, sha256, loaded_by)
    values (${row.feed}, ${row.loaded_at}, ${row.newest_at}, ${row.records}, ${row.sha256}, ${row.loaded_by})
    on conflict (feed) do update set loaded_at = excluded.loaded_at, newest_at = excluded.newest_at, records = excluded.records,
      sha256 = excluded.sha256, loaded_by = excluded.loaded_by`;
}

export async function endFeed(tx: Statements, { feed, records, newest_at }: Pick<FeedRow, 'feed' | 'records' | 'newest_at'>): Promise<void> {
  await tx`update assurance.feeds set records = ${records}, newest_at = ${newest_at} where feed = ${feed}`;
} // prettier-ignore

/** Of an id that comes twice, the last one holds. */
export async function insertAdvisories(tx: Statements, feed: FeedName, rows: readonly AdvisoryRow[]): Promise<void> {
  const once = [...new Map(rows.map((row) => [row.id, row])).values()];
  await tx`
    insert into assurance.advisories (feed, id, parts, body)
    select ${feed}, each.value ->> 'id', array(select jsonb_array_elements_text(each.value -> 'parts')), each.value -> 'body'
    from jsonb_array_elements(${tx.json(once as never)}) as each
    on conflict (feed, id) do update set parts = excluded.parts, body = excluded.body`;
}

/** OSV records about one of these parts, each written as `npm semver`. */
export async function advisoriesAbout(db: Statements, parts: readonly string[]): Promise<unknown[]> {
  const rows = await db<{ body: unknown }[]>`
    select body from assurance.advisories where feed = 'osv' and parts && ${[...parts]}::text[] order by id limit 20000`;
  return rows.map(({ body }) => body);
}

export async function entriesOf(db: Statements, feed: 'kev' | 'epss', ids: readonly string[]): Promise<{ id: string; body: unknown }[]> {
  return db<{ id: string; body: unknown }[]>`
    select id, body from assurance.advisories where feed = ${feed} and id = any (${[...ids]}::text[])`;
} // prettier-ignore

/** All names of these weaknesses that records know: a CVE is a GHSA too. */
export async function namesOf(db: Statements, ids: readonly string[]): Promise<string[]> {
  const rows = await db<{ names: string[] }[]>`
    select array(select jsonb_array_elements_text(jsonb_build_array(id) || coalesce(body -> 'aliases', '[]'))) as names
    from assurance.advisories where feed = 'osv' and (id = any (${[...ids]}::text[]) or body -> 'aliases' ?| ${[...ids]}::text[]) limit 100`;
  return [...new Set([...ids, ...rows.flatMap(({ names }) => names)])];
}

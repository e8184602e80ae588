/** Statements on mails that people reported. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

export type Channel = 'button' | 'add-in' | 'mail';
export type Verdict = 'open' | 'phish' | 'harmless';
export type ClusterRow = Readonly<{
  cluster_id: Uuid;
  verdict: Verdict;
  first_at: Date;
  last_at: Date;
  sealed: Buffer | null;
  decided_by: string | null;
  decided_at: Date | null;
  reports: number;
  reporters: number;
}>;

/** Of two reports that come at once, the second sees the keys of the first. */
export async function lockReports(tx: Statements): Promise<void> {
  await tx`lock table education.phish_cluster_keys in share row exclusive mode`;
}

/** The oldest that shares a key; of those that were found harmless only one that is the same in all it says. */
export async function findCluster(tx: Statements, keys: readonly Buffer[], whole: Buffer): Promise<Uuid | null> {
  const [row] = await tx<{ cluster_id: Uuid }[]>`
    select c.cluster_id from education.phish_cluster_keys k join education.phish_clusters c using (cluster_id)
    where k.key = ${whole}
      or (c.verdict <> 'harmless' and k.key in (select decode(hex, 'hex') from unnest(${keys.map((key) => key.toString('hex'))}::text[]) hex))
    order by c.cluster_id limit 1`;
  return row?.cluster_id ?? null;
} // prettier-ignore

export async function insertCluster(tx: Statements, id: Uuid, at: Date, sealed: Buffer): Promise<void> {
  await tx`insert into education.phish_clusters (cluster_id, first_at, last_at, sealed) values (${id}, ${at}, ${at}, ${sealed})`;
}

/** What was decided of a mail holds for whoever reports it later. */
export async function addReport(tx: Statements, row: Readonly<{ report_id: Uuid; cluster_id: Uuid; reporter: Uuid | null; channel: Channel; reported_at: Date }>, keys: readonly Buffer[]): Promise<void> {
  for (const key of keys)
    await tx`insert into education.phish_cluster_keys (key, cluster_id) values (${key}, ${row.cluster_id}) on conflict do nothing`;
  await tx`insert into education.phish_reports ${tx({ ...row })}`;
  await tx`update education.phish_clusters set last_at = greatest(last_at, ${row.reported_at}) where cluster_id = ${row.cluster_id}`;
} // prettier-ignore

const clusters = (db: Statements) => db`
  select c.*, r.reports, r.reporters from education.phish_clusters c cross join lateral (
    select count(*)::int as reports, count(distinct reporter)::int as reporters from education.phish_reports where cluster_id = c.cluster_id) r`;

/** Where a page ended: rows may have been judged since. */
export type After = Readonly<{ isOpen: boolean; lastAt: Date; id: Uuid }>;

/** Open ones first, the newest first. */
export async function listClusters(db: Statements, after: After | null, most: number): Promise<ClusterRow[]> {
  const { isOpen, lastAt, id } = after ?? { isOpen: null, lastAt: null, id: null };
  return db<ClusterRow[]>`
    ${clusters(db)}
    where ${id}::uuid is null or (c.verdict = 'open', c.last_at, c.cluster_id) < (${isOpen}::boolean, ${lastAt}::timestamptz, ${id}::uuid)
    order by (c.verdict = 'open') desc, c.last_at desc, c.cluster_id desc limit ${most}`;
} // prettier-ignore

export async function findClusterRow(db: Statements, id: Uuid): Promise<ClusterRow | null> {
  const [row] = await db<ClusterRow[]>`${clusters(db)} where c.cluster_id = ${id}`;
  return row ?? null;
}

export async function decideCluster(tx: Statements, id: Uuid, verdict: Verdict, by: string, at: Date): Promise<boolean> {
  const { count } = await tx`
    update education.phish_clusters set verdict = ${verdict}, decided_by = ${by}, decided_at = ${at} where cluster_id = ${id}`;
  return count === 1;
} // prettier-ignore

/** @param before when it was last reported */
export async function sweepClusters(db: Statements, before: Date): Promise<void> {
  await db`delete from education.phish_clusters where last_at < ${before}`;
}

/**
 * Reports of other tools. What a report names is seen; what it named before, of the same tool and asset, and names no more
 * waits for a retest: that a scanner found nothing proves nothing.
 */
import { createHash } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { publicId, uuidv7, type Uuid } from '#platform/ids';

import { parse, recognise, type FormatName, type Imported } from '../importers/index.ts';
import type { Reach } from '../severity.ts';
import { linkFindings } from '../store/engagements.ts';
import { insertReport, listReports, type ReportRow } from '../store/feeds.ts';
import { notSeenAgain } from '../store/findings.ts';
import { ratedBy, type Sighting } from './sightings.ts';
import { moveBySystem, noteSightings, takeIn, type ByWhom, type TakenIn } from './take-in.ts';

export type ReportView = Readonly<{
  id: string;
  sha256: string;
  source: string;
  assets: readonly string[];
  loadedAt: string;
  loadedBy: string;
  findings: number;
  opened: number;
  reopened: number;
  retest: number;
}>;
export type Reports = Readonly<{
  /** @throws ASSURANCE_IMPORT_… */
  take: (
    by: ByWhom,
    report: Readonly<{
      bytes: Uint8Array;
      format?: FormatName;
      asset?: string;
      /** Whose test it is of. */ engagement?: Uuid;
    }>,
  ) => Promise<ReportView>;
  list: () => Promise<ReportView[]>;
}>;

/** Sightings in one transaction: the log is locked for so long. */
const TOGETHER = 100;
const LISTED = 100;
/** What importers call the tools of these formats; the others go by the name of their format. */
const TOOLS: Partial<Record<FormatName, string>> = {
  zap: 'ZAP',
  'zap-xml': 'ZAP',
  wapiti: 'Wapiti',
  testssl: 'testssl.sh',
  'npm-audit': 'npm audit',
};
const toolOf = (format: FormatName): string => TOOLS[format] ?? format;

export function createReports({ db, audit, clock, reach }: Readonly<{ db: Db; audit: Pick<Audit, 'appendIn'>; clock: () => Date; reach: () => Promise<Reach> }>): Reports {
  return {
    take: async (by, { bytes, format, asset, engagement }) => {
      const found = parse(bytes, { ...(format === undefined ? {} : { format }), ...(asset === undefined ? {} : { asset }) });
      const reached = await reach();
      const at = clock();
      const taken: TakenIn[] = [];
      const tools = [...new Set(found.map(({ tool }) => tool.name))];
      const source = tools.join(', ') || toolOf(format ?? recognise(Buffer.from(bytes).toString('utf8')));
      for (let from = 0; from < found.length; from += TOGETHER)
        await transact(db, async (tx) => {
          const some: TakenIn[] = [];
          for (const each of found.slice(from, from + TOGETHER)) some.push(await takeIn(tx, sightingOf(each, reached), by, at));
          await noteSightings(audit, tx, some, by, source);
          if (engagement !== undefined) await linkFindings(tx, engagement, some.map(({ id }) => id));
          taken.push(...some);
        });
      const assets = [...new Set([...found.map((each) => each.asset), ...(asset === undefined ? [] : [asset])])];
      const seen = found.map(({ fingerprint }) => fingerprint);
      const count = (...whats: TakenIn['what'][]): number => taken.filter(({ what }) => whats.includes(what)).length;
      return transact(db, async (tx) => {
        let retest = 0;
        // one that found nothing at all names no tool: its format does
        for (const tool of tools.length === 0 ? [source] : tools)
          for (const row of await notSeenAgain(tx, { source: tool, assets, seen })) {
            await moveBySystem({ audit, at }, tx, row, 'ready for retest', { what: 'not seen again', note: `in a newer report of ${tool}` });
            retest += 1;
          }
        const row: ReportRow = {
          report_id: uuidv7(at.getTime()), sha256: createHash('sha256').update(bytes).digest('hex'), source, assets: assets.slice(0, LISTED), loaded_at: at, loaded_by: by.actor.id,
          findings: found.length, opened: count('opened'), reopened: count('reopened', 'acceptance ended', 'came back'), retest,
        };
        await insertReport(tx, row);
        const { sha256, findings, opened, reopened } = row;
        await audit.appendIn(tx, { action: 'assurance.report.take', actor: by.actor, outcome: 'done', ...(by.requestId === undefined ? {} : { requestId: by.requestId }), detail: { report: publicId('rep', row.report_id), source, sha256, findings, opened, reopened, retest } });
        return reportView(row);
      });
    },
    list: async () => (await listReports(db, LISTED)).map(reportView),
  };
} // prettier-ignore

const reportView = (row: ReportRow): ReportView => ({
  id: publicId('rep', row.report_id),
  sha256: row.sha256,
  source: row.source,
  assets: row.assets,
  loadedAt: row.loaded_at.toISOString(),
  loadedBy: row.loaded_by,
  findings: row.findings,
  opened: row.opened,
  reopened: row.reopened,
  retest: row.retest,
});

function sightingOf(found: Imported, reach: Reach): Sighting {
  const { severity, because } = ratedBy({ cvss: found.cvss ?? null, severity: found.severity }, reach);
  return {
    fingerprint: found.fingerprint,
    rule: found.rule,
    title: found.title,
    description: [found.description, because, ...found.references].filter((each) => each !== '').join('\n').slice(0, 4000),
    severity,
    cvss: found.cvss ?? null,
    asset: found.asset,
    place: found.place,
    parameter: found.parameter ?? null,
    version: null,
    exploited: false,
    source: found.tool.name,
    testId: null,
  };
} // prettier-ignore

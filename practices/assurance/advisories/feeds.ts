/** KEV (CISA): what is exploited. EPSS (FIRST): how likely that is within 30 days. */
import { isMembers, listOf, membersOf, wordOf } from '../shape.ts';
import { advisoryFailure } from './failures.ts';
import { parsed, textOf, timeOf } from './parsed.ts';

export type KevEntry = Readonly<{ addedAt: Date; ransomware: boolean }>;
export type Kev = Readonly<{ releasedAt: Date; byCve: ReadonlyMap<string, KevEntry> }>;
export type EpssScore = Readonly<{ /** 0 to 1 */ score: number; percentile: number }>;
export type Epss = Readonly<{ scoredAt: Date; byCve: ReadonlyMap<string, EpssScore> }>;

const CVE = /^CVE-\d{4}-\d{4,19}$/;

/** @throws ASSURANCE_ADVISORY_MALFORMED, ASSURANCE_ADVISORY_TOO_LARGE */
export function readKev(bytes: Uint8Array): Kev {
  const catalogue = membersOf(parsed(bytes, 'the KEV catalogue'));
  const releasedAt = timeOf(catalogue.dateReleased);
  if (releasedAt === null || !Array.isArray(catalogue.vulnerabilities))
    throw advisoryFailure('ADVISORY_MALFORMED', {
      detail: 'the KEV catalogue has no dateReleased, or no vulnerabilities',
    });
  const entries = listOf(catalogue.vulnerabilities)
    .filter(isMembers)
    .map((each) => {
      const [cve, addedAt] = [wordOf(each.cveID) ?? '', timeOf(each.dateAdded)];
      if (!CVE.test(cve) || addedAt === null)
        throw advisoryFailure('ADVISORY_MALFORMED', {
          detail: 'an entry of the KEV catalogue has no cveID or no dateAdded',
        });
      return [cve, { addedAt, ransomware: wordOf(each.knownRansomwareCampaignUse) === 'Known' }] as const;
    });
  return { releasedAt, byCve: new Map(entries) };
}

/**
 * The CSV as FIRST gives it out: a line with the model and the day, a heading, a row for each CVE.
 * @throws ASSURANCE_ADVISORY_MALFORMED, ASSURANCE_ADVISORY_TOO_LARGE
 */
export function readEpss(bytes: Uint8Array): Epss {
  const [about = '', heading = '', ...rows] = textOf(bytes, 'the EPSS scores').trimEnd().split(/\r?\n/);
  const scoredAt = timeOf(/score_date:([^,]+)/.exec(about)?.[1]?.replace(/\+0000$/, 'Z'));
  if (scoredAt === null || heading !== 'cve,epss,percentile')
    throw advisoryFailure('ADVISORY_MALFORMED', { detail: 'the EPSS scores have no score_date, or another heading' });
  const byCve = new Map<string, EpssScore>();
  for (const [at, row] of rows.entries()) {
    const [cve = '', score, percentile, ...more] = row.split(',');
    const read = { score: share(score), percentile: share(percentile) };
    if (!CVE.test(cve) || more.length > 0 || Number.isNaN(read.score) || Number.isNaN(read.percentile))
      throw advisoryFailure('ADVISORY_MALFORMED', { detail: `row ${at + 3} of the EPSS scores is none` });
    byCve.set(cve, read);
  }
  return { scoredAt, byCve };
}

function share(text = ''): number {
  const number = /^\d(?:\.\d{1,20})?(?:[eE]-\d{1,2})?$/.test(text) ? Number(text) : Number.NaN;
  return number <= 1 ? number : Number.NaN;
}

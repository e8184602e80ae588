/**
 * Advisories: records that somebody brought × what this product is made of. A part that is affected is a finding; one that
 * is not any more waits for a retest. Nothing is fetched.
 */
import { createHash } from 'node:crypto';

import type { Audit } from '#platform/audit';
import { transact, type Db, type Tx } from '#platform/db';

import { feedAges, match, nameKey, readEpss, readKev, readSbom, uploadedRecords, type Advisory, type Epss, type FeedAge, type Kev, type OsvRecord, type Sbom } from '../advisories/index.ts'; // prettier-ignore
import { fingerprintOf } from '../fingerprint.ts';
import type { Reach } from '../severity.ts';
import {
  advisoriesAbout,
  beginFeed,
  endFeed,
  entriesOf,
  insertAdvisories,
  readFeeds,
  type AdvisoryRow,
  type FeedName,
  type FeedRow,
} from '../store/feeds.ts';
import { lockSaid } from '../store/said.ts'; // prettier-ignore
import { anchorsOf, notSeenAgain, openOf } from '../store/findings.ts';
import { holdWhatWasSaid, type Seen } from './said.ts';
import { isCovered, ratedBy, type Sighting } from './sightings.ts';
import { OPEN } from './states.ts';
import { ASSURANCE, moveBySystem, noteSightings, takeIn, type ByWhom } from './take-in.ts';

export const OF_ADVISORIES = 'advisories';
const PRODUCT = 'strongroom';
const TOGETHER = 500;

export type FeedView = Readonly<{
  feed: FeedName;
  loadedAt: string | null;
  asOf: string | null;
  days: number | null;
  state: FeedAge['state'];
  records: number;
  sha256: string | null;
}>;
export type FeedsState = Readonly<{
  feeds: readonly FeedView[];
  /** Parts of this product that are matched; null: no list of them came with it. */
  parts: number | null;
  /** Parts that no record can name. */
  unnamed: number;
  affected: number;
  matchedAt: string | null;
}>;
export type Feeds = Readonly<{
  /** The whole feed, in place of the one before. @throws ASSURANCE_ADVISORY_… : then the old one stays */
  load: (by: ByWhom, feed: FeedName, bytes: Uint8Array) => Promise<FeedsState>;
  state: () => Promise<FeedsState>;
  /** Weaknesses of parts that are here now, critical or high, that nobody has answered for: not accepted, and not said to be none. */
  grave: () => Promise<readonly string[]>;
  /** Package URLs of the parts that are here. */
  here: () => Promise<ReadonlySet<string>>;
  /** What was said of one version of a part hides no other one that is here too, and affected. */
  lookAside: () => Promise<void>;
  /** Looks again where feeds or parts are others than the last time this server looked. */
  tick: () => Promise<void>;
}>;
export type FeedsNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'appendIn'>;
  clock: () => Date;
  reach: () => Promise<Reach>;
  /** The product's own list of parts (CycloneDX, package-lock.json); null: there is none here. */
  sbom: () => Promise<Uint8Array | null>;
}>;

export function createFeeds({ db, audit, clock, reach, sbom }: FeedsNeeds): Feeds {
  const last: { key: string; at: Date | null; affected: number } = { key: '', at: null, affected: 0 };
  const partsHere = async (): Promise<Sbom | null> => {
    const bytes = await sbom();
    return bytes === null ? null : readSbom(bytes);
  };
  const state = async (): Promise<FeedsState> => {
    const [rows, parts] = await Promise.all([readFeeds(db), partsHere()]);
    return {
      feeds: agesOf(rows, clock()),
      parts: parts?.components.length ?? null,
      unnamed: parts?.unnamed.length ?? 0,
      affected: last.affected,
      matchedAt: last.at?.toISOString() ?? null,
    };
  };
  const seeAll = async (tx: Tx, some: readonly Sighting[], here: readonly Sighting[], at: Date): Promise<void> => {
    const seen: Seen[] = [];
    await lockSaid(tx);
    for (const sighting of some) seen.push({ sighting, taken: await takeIn(tx, sighting, ASSURANCE, at) });
    await noteSightings(audit, tx, seen.map(({ taken }) => taken), ASSURANCE, OF_ADVISORIES);
    await holdWhatWasSaid({ audit, at }, tx, seen, here);
  };
  const look = async (): Promise<void> => {
    const rows = await readFeeds(db);
    // every minute, and most installations bring none
    if (!rows.some(({ feed }) => feed === 'osv')) return;
    const parts = await partsHere();
    if (parts === null) return;
    const key = JSON.stringify([rows.map(({ feed, sha256 }) => [feed, sha256]), parts.components.map(({ purl }) => purl)]);
    if (key === last.key) return;
    const { affected } = await matchedHere(db, parts, rows, clock());
    const [at, reached] = [clock(), await reach()];
    const sightings = affected.map((each) => sightingOf(each, reached));
    await transact(db, async (tx) => {
      await seeAll(tx, sightings, sightings, at);
      for (const row of await notSeenAgain(tx, { source: OF_ADVISORIES, assets: [PRODUCT], seen: sightings.map(({ fingerprint }) => fingerprint) }))
        await moveBySystem({ audit, at }, tx, row, 'ready for retest', { what: 'not affected any more', note: 'no record says so of the parts that are here now' });
    });
    Object.assign(last, { key, at, affected: affected.length });
  };
  /** What is set aside for one version, and stands in another one that is here too, is open again. */
  const uncover = async (parts: Sbom, rows: Awaited<ReturnType<typeof readFeeds>>): Promise<void> => {
    const [{ affected }, at, reached] = [await matchedHere(db, parts, rows, clock()), clock(), await reach()];
    const sightings = affected.map((each) => sightingOf(each, reached));
    await transact(db, async (tx) => {
      const anchors = new Map((await anchorsOf(tx, sightings.map(({ fingerprint }) => fingerprint))).map((row) => [row.fingerprint, row]));
      const hidden = sightings.filter((each) => !isCovered(anchors.get(each.fingerprint) ?? { anchor: null }, each));
      await seeAll(tx, hidden, sightings, at);
    });
  };
  return {
    load: async (by, feed, bytes) => {
      const row = { feed, loaded_at: clock(), newest_at: null, records: 0, sha256: createHash('sha256').update(bytes).digest('hex'), loaded_by: by.actor.id };
      await transact(db, async (tx) => {
        await beginFeed(tx, row);
        const { records, newest } = await store(tx, feed, bytes);
        await endFeed(tx, { feed, records, newest_at: newest });
        await audit.appendIn(tx, { action: 'assurance.feed.load', actor: by.actor, outcome: 'done', ...(by.requestId === undefined ? {} : { requestId: by.requestId }), detail: { feed, records, sha256: row.sha256 } });
      });
      await look();
      return state();
    },
    state,
    grave: async () => {
      const [rows, parts] = await Promise.all([readFeeds(db), partsHere()]);
      if (parts === null || !rows.some(({ feed }) => feed === 'osv')) return [];
      await look();
      const reached = await reach();
      const { affected } = await matchedHere(db, parts, rows, clock());
      // what records say now, not what somebody says of a finding; but for what was answered for
      const grave = affected.map((each) => sightingOf(each, reached)).filter(({ severity }) => severity === 'critical' || severity === 'high');
      const open = new Set(await openOf(db, grave.map(({ fingerprint }) => fingerprint), OPEN));
      return grave.filter(({ fingerprint }) => open.has(fingerprint)).map(({ rule, place }) => `${rule} in ${place}`);
    },
    here: async () => new Set((await partsHere())?.components.map(({ purl }) => purl)),
    lookAside: async () => {
      const { key } = last;
      // should this break off, the next look sees all of it again
      last.key = '';
      const [rows, parts] = await Promise.all([readFeeds(db), partsHere()]);
      if (parts !== null && rows.some(({ feed }) => feed === 'osv')) await uncover(parts, rows);
      last.key = key;
    },
    tick: look,
  };
} // prettier-ignore

/** @returns how many there are, and when the newest of them changed */
async function store(tx: Tx, feed: FeedName, bytes: Uint8Array): Promise<{ records: number; newest: Date | null }> {
  let [records, newest] = [0, null as Date | null];
  let batch: AdvisoryRow[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await insertAdvisories(tx, feed, batch);
    batch = [];
  };
  for (const { at, ...row } of rowsOf(feed, bytes)) {
    if (newest === null || at > newest) newest = at;
    records += 1;
    batch.push(row);
    if (batch.length >= TOGETHER) await flush();
  }
  await flush();
  return { records, newest };
}

function* rowsOf(feed: FeedName, bytes: Uint8Array): Generator<AdvisoryRow & Readonly<{ at: Date }>> {
  if (feed === 'osv') {
    for (const record of uploadedRecords(bytes))
      yield { id: record.id.slice(0, 200), parts: [...new Set(record.affected.map(partKey))], body: record, at: record.modified };
  } else if (feed === 'kev') {
    const { releasedAt, byCve } = readKev(bytes);
    for (const [id, body] of byCve) yield { id, parts: [], body, at: releasedAt };
  } else {
    const { scoredAt, byCve } = readEpss(bytes);
    for (const [id, body] of byCve) yield { id, parts: [], body, at: scoredAt };
  }
} // prettier-ignore

const partKey = ({ ecosystem, name }: Readonly<{ ecosystem: string; name: string }>): string =>
  nameKey(ecosystem, name);

/** Only what is near is read: records about a part, and what is known of the CVEs that these name. */
async function matchedHere(db: Db, { components }: Sbom, rows: readonly FeedRow[], now: Date): Promise<{ affected: readonly Advisory[] }> {
  const bodies = await advisoriesAbout(db, [...new Set(components.map(partKey))]);
  const records = bodies.map((body) => ({ ...(body as OsvRecord), modified: new Date((body as { modified: string }).modified) }));
  const ids = [...new Set(records.flatMap(({ id, aliases }) => [id, ...aliases]))];
  const atOf = (feed: FeedName): Date | null => rows.find((row) => row.feed === feed)?.newest_at ?? null;
  const [kevAt, epssAt] = [atOf('kev'), atOf('epss')];
  const kev: Kev | null = kevAt === null ? null : { releasedAt: kevAt, byCve: new Map((await entriesOf(db, 'kev', ids)).map(({ id, body }) => [id, { ...(body as { ransomware: boolean }), addedAt: new Date((body as { addedAt: string }).addedAt) }])) };
  const epss: Epss | null = epssAt === null ? null : { scoredAt: epssAt, byCve: new Map((await entriesOf(db, 'epss', ids)).map(({ id, body }) => [id, body as { score: number; percentile: number }])) };
  return match({ components, records, now, ...(kev === null ? {} : { kev }), ...(epss === null ? {} : { epss }) });
} // prettier-ignore

function sightingOf(advisory: Advisory, reach: Reach): Sighting {
  const { id, component, cvss, summary, upgradeTo, kev, epss, references, hit } = advisory;
  const { severity, because } = ratedBy(advisory, reach);
  const place = component.purl.slice(0, component.purl.lastIndexOf('@'));
  const lines = [
    summary,
    hit === 'unclear' ? 'Whether this version is affected cannot be told from its number.' : '',
    upgradeTo === null ? 'No version mends it yet.' : `${component.name} ${upgradeTo} mends it.`,
    kev === null ? '' : 'Attackers are known to use it (KEV).',
    epss === null ? '' : `Likely to be used within 30 days: ${(100 * epss.score).toFixed(1)} % (EPSS).`,
    because,
    ...references,
  ];
  return {
    fingerprint: fingerprintOf({ rule: id, asset: PRODUCT, place }),
    rule: id,
    title: `${component.name} ${component.version}: ${summary === '' ? id : summary}`.slice(0, 300),
    description: lines.filter((line) => line !== '').join('\n').slice(0, 4000),
    severity,
    cvss,
    asset: PRODUCT,
    place,
    parameter: null,
    version: component.version,
    exploited: kev !== null,
    source: OF_ADVISORIES,
    testId: null,
  };
} // prettier-ignore

const NAMES = { OSV: 'osv', KEV: 'kev', EPSS: 'epss' } as const;

function agesOf(rows: readonly FeedRow[], now: Date): FeedView[] {
  const atOf = (feed: FeedName): Date | null => rows.find((row) => row.feed === feed)?.newest_at ?? null;
  const [kev, epss] = [atOf('kev'), atOf('epss')];
  const none = new Map<string, never>();
  const ages = feedAges({ newestRecord: atOf('osv'), ...(kev === null ? {} : { kev: { releasedAt: kev, byCve: none } }), ...(epss === null ? {} : { epss: { scoredAt: epss, byCve: none } }) }, now);
  return ages.map(({ feed, asOf, days, state }) => {
    const row = rows.find((each) => each.feed === NAMES[feed]);
    return { feed: NAMES[feed], loadedAt: row?.loaded_at.toISOString() ?? null, asOf: asOf?.toISOString() ?? null, days: days === null ? null : Math.round(days * 10) / 10, state, records: row?.records ?? 0, sha256: row?.sha256 ?? null };
  });
} // prettier-ignore

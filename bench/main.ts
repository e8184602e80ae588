/**
 * `npm run bench`: measures all practices, one after the other; `-- vault` one. Writes bench/results/vault.json, its
 * generated part of docs/benchmarks.md, and the summary and plot of all.
 *
 * Exits 0 when it measured, whatever the figures are: ✔ and ✖ say which goals are met. 1: it could not measure.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { accessRows } from './access.ts';
import { assuranceRows } from './assurance.ts';
import { auditRows } from './audit.ts';
import { backupsRows } from './backups.ts';
import { collectionRows } from './collection.ts';
import { thisMachine } from './machine.ts';
import { findPeers } from './peers.ts';
import { goalCounts, rowWords, writeDocument } from './report.ts';
import { readResults, writeResults, type RowResult } from './results.ts';
import { educationRows } from './education.ts';
import { privacyRows } from './privacy.ts';
import { plotOf } from './plot.ts';
import type { Row } from './row.ts';
import { sizesOf } from './sizes.ts';
import { dotsOf, writeSummary } from './summary.ts';
import { trafficRows } from './traffic.ts';
import { vaultRows } from './vault.ts';
import { openWorld, type World } from './world/world.ts';

const BENCHES: Readonly<Record<string, readonly Row[]>> = {
  vault: vaultRows,
  access: accessRows,
  audit: auditRows,
  collection: collectionRows,
  education: educationRows,
  privacy: privacyRows,
  backups: backupsRows,
  traffic: trafficRows,
  assurance: assuranceRows,
};

/** The rows of the log stand with the vault's, and are measured once. */
const PRACTICES = Object.keys(BENCHES).filter((each) => each !== 'audit');
const HELP = `npm run bench [-- <${Object.keys(BENCHES).join('|')}>] [--only row,row] [--quick] [--records n] [--json] [--profile folder]

Without a practice: all of them, an hour and a half on a machine that does nothing else; what was measured stays if it is stopped.
${Object.entries(BENCHES)
  .map(([what, rows]) => `Rows of ${what}: ${rows.map(({ name }) => name).join(', ')}`)
  .join('\n')}
  --only      these rows; the others keep their last results
  --quick     small sizes, a minute or two; results go to bench/out and docs stay as they are
  --records   of backups: so many customers instead of a million
  --json      results on stdout as JSON
  --document  measures nothing: writes the documents anew from bench/results
  --profile   CPU profiles of the server go into this folder
Peers that are not packages of this project: npm ci --prefix bench/peers
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      // for the test of the benchmark itself
      tiny: { type: 'boolean', default: false },
      records: { type: 'string' },
      json: { type: 'boolean', default: false },
      document: { type: 'boolean', default: false },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [what] = positionals;
  const asked = what === undefined ? PRACTICES : [what];
  const only = values.only?.split(',');
  const rows = asked.flatMap((each) => BENCHES[each] ?? []);
  const strange = only?.find((name) => rows.every((row) => row.name !== name));
  if (values.help || rows.length === 0 || strange !== undefined) {
    if (strange !== undefined) process.stderr.write(`there is no row ${strange}\n`);
    process[values.help ? 'stdout' : 'stderr'].write(HELP);
    return values.help ? 0 : 2;
  }
  const named = sizesOf(values.tiny ? 'tiny' : values.quick ? 'quick' : 'full');
  const sizes = { ...named, backupRecords: Number(values.records ?? named.backupRecords) };
  const serverFlags = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  const all: RowResult[] = [];
  for (const practice of values.document ? [] : asked) {
    const own = BENCHES[practice] ?? [];
    const chosen = own.filter(({ name }) => only === undefined || only.includes(name));
    if (chosen.length === 0) continue;
    if (asked.length > 1 && !values.json) say([`── ${practice}`]);
    const measured = await measureRows(chosen, {
      sizes,
      serverFlags,
      onRow: (result) => {
        // row by row: what was measured stays, whatever becomes of the next one
        writeResults(pathOf(sizes.name, practice), [result], own);
        if (!values.json) say(rowWords(result));
      },
    });
    all.push(...measured);
    if (sizes.name === 'full') await writeDocuments([practice]);
  }

  if (values.document) await writeDocuments(asked);
  else if (values.json) process.stdout.write(`${JSON.stringify({ schema: 'strongroom/bench/1', rows: all })}\n`);
  else say([goalCounts(all)]);
  return 0;
}

const DOCUMENT = 'docs/benchmarks.md';
const pathOf = (size: string, practice: string): string =>
  `${size === 'full' ? 'bench/results' : 'bench/out'}/${practice}.json`;

/** The parts of these practices, and what is of all of them. */
async function writeDocuments(practices: readonly string[]): Promise<void> {
  const results = new Map(PRACTICES.map((each) => [each, readResults(pathOf('full', each))]));
  for (const [practice, of] of results) if (practices.includes(practice)) writeDocument(DOCUMENT, practice, of);
  writeSummary(DOCUMENT, results);
  writeFileSync(DOCUMENT.replace(/\.md$/, '.svg'), await plotOf(dotsOf(results)));
}

type Measuring = Readonly<{
  sizes: ReturnType<typeof sizesOf>;
  serverFlags: readonly string[];
  onRow: (result: RowResult) => void;
}>;

async function measureRows(rows: readonly Row[], { sizes, serverFlags, onRow }: Measuring): Promise<RowResult[]> {
  const measured: RowResult[] = [];
  const open = new Map<string, Promise<World>>();
  const peers = findPeers();
  let row = '';
  const progress = (words: string): void => void process.stderr.write(`${row}: ${words}\n`);
  const opener = (name: string) => (): Promise<World> => {
    const world = open.get(name) ?? openWorld({ progress, serverFlags });
    open.set(name, world);
    return world;
  };
  try {
    for (const each of rows) {
      row = each.name;
      const began = performance.now();
      const figures = await each.measure({
        sizes,
        peers,
        serverFlags,
        progress,
        world: opener('large'),
        smallWorld: opener('small'),
      });
      const postgresql = (await open.get('large'))?.postgresql ?? null;
      const result: RowResult = {
        row,
        title: each.title,
        how: each.how,
        ...figures,
        measuredAt: new Date().toISOString(),
        seconds: (performance.now() - began) / 1000,
        sizes: sizes.name,
        machine: thisMachine(postgresql),
        commit: commitOf(),
      };
      measured.push(result);
      onRow(result);
    }
  } finally {
    for (const world of open.values()) await (await world).close();
  }
  return measured;
}

function commitOf(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    // what was just measured is written beside: that changes nothing of what is measured next
    const changed = git(
      'status',
      '--porcelain',
      '--',
      ':!bench/results',
      ':!docs/benchmarks.md',
      ':!docs/benchmarks.svg',
    );
    return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}

const say = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

process.exitCode = await main();

/** An access log from its bytes to alerts, beside fail2ban and CrowdSec on the same log in the same run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  accessLog,
  createBehaviours,
  createSigma,
  openCountries,
  readLines,
  readRules,
  shippedRules,
} from '#practices/traffic';

import { spreadOf } from '../rounds.ts';
import { goal, type Bench, type Measured, type Missing, type Row } from '../row.ts';
import { attackedLog, type AttackedLog } from './attacked-log.ts';
import { logWatchers, type Watched } from './log-watchers.ts';

const OURS = 'strongroom: lines, shipped Sigma rules, behaviours';
const PIECE_BYTES = 256 * 1024;
const FAIL2BAN_TIMES = 5;
const WARM_LINES = 200_000;

/** All of it on one thread; what V8's helpers do beside counts as the others' threads do. */
function createOurs(countryOf: ReturnType<typeof openCountries>, { rules }: ReturnType<typeof readRules>) {
  return (text: Buffer, ends: number): Watched => {
    const named = new Set<string>();
    const parser = readLines(accessLog(), { logName: 'nginx', clock: () => ends });
    const sigma = createSigma({ rules, most: 50_000 });
    const behaviours = createBehaviours({ countryOf });
    const began = process.cpuUsage();
    const look = (events: ReturnType<typeof parser.feed>): void => {
      for (const event of events)
        for (const alerts of [sigma.feed(event), behaviours.feed(event)])
          for (const { entity } of alerts) if (entity.address !== undefined) named.add(entity.address);
    };
    for (let at = 0; at < text.length; at += PIECE_BYTES) look(parser.feed(text.subarray(at, at + PIECE_BYTES)));
    look(parser.end());
    const { user, system } = process.cpuUsage(began);
    return { named, cpuSeconds: (user + system) / 1e6 };
  };
}

const foundOf = ({ planted }: AttackedLog, { named }: Watched): number =>
  Object.values(planted).filter((address) => named.has(address)).length;
const othersOf = ({ planted }: AttackedLog, { named }: Watched): number => {
  const attackers = new Set(Object.values(planted));
  return [...named].filter((address) => !attackers.has(address)).length;
};

async function measure({ sizes, progress }: Bench): Promise<Measured> {
  const ends = Date.now() - 60_000;
  const log = attackedLog(sizes.name === 'full' ? 20_000 : sizes.name === 'quick' ? 3000 : 800, ends);
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-bench-'));
  const missing: Missing[] = [];
  try {
    const path = join(folder, 'access.log');
    await writeFile(path, log.text);
    const text = Buffer.from(log.text);
    const ours = createOurs(openCountries(), readRules(shippedRules()));
    // as a program that has run for a minute
    for (let warm = 0; warm < (sizes.name === 'tiny' ? 1 : WARM_LINES); warm += log.lines) ours(text, ends);
    const runs: Watched[] = [];
    const rate = ({ cpuSeconds }: Watched): number => log.lines / Math.max(0.001, cpuSeconds);
    const sides: Measured['sides'][number][] = [];
    const goals: Measured['goals'][number][] = [];
    const found = [];
    for (const watcher of sizes.name === 'tiny' ? [] : await logWatchers(folder, 3, missing)) {
      const theirs: Watched[] = [];
      const beside: Watched[] = [];
      for (let round = 0; round < watcher.rounds; round += 1) {
        progress(`${watcher.name}: round ${round + 1} of ${watcher.rounds}`);
        theirs.push(await watcher.watch(path, log.last));
        beside.push(ours(text, ends));
      }
      runs.push(...beside);
      const ratio = spreadOf(beside.map((each, round) => rate(each) / rate(theirs[round] as Watched)));
      const times = watcher.name.startsWith('fail2ban') ? FAIL2BAN_TIMES : 1;
      sides.push({ name: watcher.name, unit: 'lines a second of CPU', spread: spreadOf(theirs.map(rate)) });
      goals.push(goal(`lines a second, of ${watcher.name}`, ratio, { atLeast: times }));
      found.push({ name: watcher.name, of: theirs[0] as Watched });
    }
    while (runs.length < 3) runs.push(ours(text, ends));
    found.unshift({ name: OURS, of: runs[0] as Watched });
    const all = Object.keys(log.planted).length;
    return {
      sides: [{ name: OURS, unit: 'lines a second of CPU', spread: spreadOf(runs.map(rate)) }, ...sides],
      goals: [...goals, goal('planted attackers named, of all', spreadOf([foundOf(log, runs[0] as Watched) / all]), { atLeast: 1 })],
      figures: [
        ...found.flatMap(({ name, of }) => [
          { name: `${name}: attackers named`, value: foundOf(log, of), unit: `of ${all}` },
          { name: `${name}: others named`, value: othersOf(log, of), unit: '' },
        ]),
        { name: 'others waited for a processor meanwhile', value: loadavg()[0] ?? 0, unit: 'tasks (load of a minute)' },
      ],
      missing,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
} // prettier-ignore

export const logPeers: Row = {
  name: 'traffic-log-peers',
  title: 'An access log to alerts, beside fail2ban and CrowdSec',
  how: [
    'One access log of nginx (bench/traffic/attacked-log.ts): 20,000 lines of three hours, about 500 people, and eight attackers: open paths, SQL, out of the folder, guessed passwords, a scanner, ids, a look-up in a header, open paths again at the end.',
    'Ours: bytes to events, all shipped Sigma rules and all behaviours, to alerts. fail2ban 1.0.2: its server with one shipped filter (nginx-botsearch), and with the four that read access logs, polling, an action that writes the address down. CrowdSec 1.4.6: `-dsn file://… -type nginx`, the parsers and the HTTP scenarios of the hub as Debian ships it, its local API and SQLite on loopback.',
    'Lines by a second of processor time, all threads of each, start-up (the same with the last attacker’s lines alone) taken off. Bans and firewalls are left out: nobody is blocked.',
  ],
  measure,
};

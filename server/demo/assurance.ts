/** The step of the demo in which the system attacks itself, by a process of its own, on persons who do not exist. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ended, type Place } from './cli.ts';
import type { Stage } from './stage.ts';

/** Of fifteen; those that wait for no alarm, and damage nothing. */
const FAMILIES = ['AUTHZ', 'MASK', 'AUDIT', 'TOKEN', 'PRIVACY'] as const;

type Ran = Readonly<{
  results: readonly Readonly<{ testId: string; verdict: string; because: string; requests: number }>[];
}>;

/** @param isNight all control tests, with what they need to be able to tell @throws Error when an attack got through */
export async function assurance(stage: Stage, isNight: boolean): Promise<void> {
  const place = { url: stage.url, home: stage.home, key: await stage.key('security') };
  if (isNight) return wholeNight(stage, place);
  stage.line(`$ strongroom assurance run ${FAMILIES.join(' ')}`);
  stage.line(await ran(place, FAMILIES));
  stage.line('each result is signed by the runner, and its evidence kept by its hash; the persons it was tried on are erased');
} // prettier-ignore

async function ran(place: Place, families: readonly string[]): Promise<string> {
  // 1: something got through, which is told by its name
  const { code, out, errors } = await ended(place, 'assurance', 'run', ...families, '--json');
  if (code !== 0 && code !== 1) throw new Error(`strongroom assurance run ended with ${code}: ${errors}`);
  const run = JSON.parse(out) as Ran;
  const through = run.results.filter(({ verdict }) => verdict !== 'pass');
  if (through.length > 0) throw new Error(through.map(({ testId, because }) => `${testId}: ${because}`).join('\n'));
  const requests = run.results.reduce((sum, each) => sum + each.requests, 0);
  return `${run.results.length} control tests, ${requests} requests: forged keys, other people’s records, values in the wrong place, a harmed copy of the log; none got through`;
}

/** With a feed of advisories, so that every test can tell: a backup and a restore that was tried are there already. */
async function wholeNight(stage: Stage, place: Place): Promise<void> {
  const osv = join(place.home, 'osv.json');
  await writeFile(osv, JSON.stringify([{ ...NOBODYS, modified: new Date().toISOString() }]));
  await stage.run('security', ['assurance', 'feeds', 'load', 'osv', osv], 'assurance feeds load osv osv.json');
  stage.line('$ strongroom assurance run');
  stage.line(await ran(place, []));
  await stage.run('security', ['assurance', 'posture']);
}

/** A record of a weakness of a part that this product does not have: the feed is fresh. */
const NOBODYS = {
  id: 'GHSA-0000-0000-0000',
  summary: 'made up for the demo',
  affected: [{ package: { ecosystem: 'npm', name: 'a-part-that-nobody-has' }, versions: ['1.0.0'] }],
};

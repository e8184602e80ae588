/** The step of the demo in which the system attacks itself, by a process of its own, on persons who do not exist. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { makeIdentity } from '#practices/backups';

import { cli, type Place } from './demo-cli.ts';

/** Of fifteen; those that wait for no alarm, and damage nothing. */
const FAMILIES = ['AUTHZ', 'MASK', 'AUDIT', 'TOKEN', 'PRIVACY'] as const;

type Ran = Readonly<{
  results: readonly Readonly<{ testId: string; verdict: string; because: string; requests: number }>[];
}>;

/** @returns lines to say @throws Error when an attack got through */
export async function attackItself(place: Place): Promise<string[]> {
  return [
    `$ strongroom assurance run ${FAMILIES.join(' ')}`,
    await ran(place, FAMILIES),
    'each result is signed by the runner, and its evidence kept by its hash; the persons it was tried on are erased',
  ];
}

async function ran(place: Place, families: readonly string[]): Promise<string> {
  const run = JSON.parse(await cli(place, 'assurance', 'run', ...families, '--json')) as Ran;
  const through = run.results.filter(({ verdict }) => verdict !== 'pass');
  if (through.length > 0) throw new Error(through.map(({ testId, because }) => `${testId}: ${because}`).join('\n'));
  const requests = run.results.reduce((sum, each) => sum + each.requests, 0);
  return `${run.results.length} control tests, ${requests} requests: forged keys, other people’s records, values in the wrong place, a harmed copy of the log; none got through`;
}

/**
 * The run of a night, all of it: with a backup, a restore that was tried and a feed of advisories, so that every test can tell.
 * @param by a key of each role that does a part of it
 */
export async function wholeNight(
  place: Place,
  by: Readonly<Record<'custodian' | 'engineer' | 'security', string>>,
): Promise<string[]> {
  const as = (role: keyof typeof by): Place => ({ ...place, key: by[role] });
  const [recipient, osv] = [join(place.home, 'recipient.txt'), join(place.home, 'osv.json')];
  await writeFile(recipient, (await makeIdentity()).recipient);
  await writeFile(osv, JSON.stringify([{ ...NOBODYS, modified: new Date().toISOString() }]));
  await cli(as('custodian'), 'backups', 'trust', recipient);
  await cli(as('engineer'), 'backups', 'run', '--json');
  const drill = await cli(as('engineer'), 'backups', 'drill');
  await cli(as('security'), 'assurance', 'feeds', 'load', 'osv', osv);
  const whole = await ran(as('security'), []);
  return [
    '$ strongroom backups trust, run, drill',
    drill,
    '$ strongroom assurance feeds load osv osv.json',
    '$ strongroom assurance run',
    whole,
    '$ strongroom assurance posture',
    await cli(as('security'), 'assurance', 'posture'),
  ];
}

/** A record of a weakness of a part that this product does not have: the feed is fresh. */
const NOBODYS = {
  id: 'GHSA-0000-0000-0000',
  summary: 'made up for the demo',
  affected: [{ package: { ecosystem: 'npm', name: 'a-part-that-nobody-has' }, versions: ['1.0.0'] }],
};

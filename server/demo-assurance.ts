/** The step of the demo in which the system attacks itself, by a process of its own, on persons who do not exist. */
import { cli, type Place } from './demo-cli.ts';

/** Of fifteen; those that wait for no alarm, and damage nothing. */
const FAMILIES = ['AUTHZ', 'MASK', 'AUDIT', 'TOKEN', 'PRIVACY'] as const;

type Ran = Readonly<{
  results: readonly Readonly<{ testId: string; verdict: string; because: string; requests: number }>[];
}>;

/** @returns lines to say @throws Error when an attack got through */
export async function attackItself(place: Place): Promise<string[]> {
  const run = JSON.parse(await cli(place, 'assurance', 'run', ...FAMILIES, '--json')) as Ran;
  const through = run.results.filter(({ verdict }) => verdict !== 'pass');
  if (through.length > 0) throw new Error(through.map(({ testId, because }) => `${testId}: ${because}`).join('\n'));
  const requests = run.results.reduce((sum, each) => sum + each.requests, 0);
  return [
    `$ strongroom assurance run ${FAMILIES.join(' ')}`,
    `${run.results.length} control tests, ${requests} requests: forged keys, other people’s records, values in the wrong place, a harmed copy of the log; none got through`,
    'each result is signed by the runner, and its evidence kept by its hash; the persons it was tried on are erased',
  ];
} // prettier-ignore

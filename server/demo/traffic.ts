/** The step of the demo in which a planted customer is touched: a case says by whom, and the key is ended. */
import { setTimeout as sleep } from 'node:timers/promises';

import { cli, type Place } from './cli.ts';
import { SUPPORT, type Stage } from './stage.ts';
import { FORM_EMAIL } from './vault.ts';

type Found = Readonly<{ cases: readonly Readonly<{ id: string; about: string; title: string }>[] }>;
type Whole = Readonly<{ subjects: readonly string[]; severity: string }>;
/** Somebody reads with a key that works; `ended` throws while it still does. */
type Theft = (recordId: string) => Promise<Readonly<{ keyId: string; ended: () => Promise<void> }>>;

const TRIES = 100;

/** @returns lines to say @throws Error when no case comes, or it does not name the customer */
async function trap(place: Place, planted: Readonly<{ id: string; subjectId: string }>, steal: Theft): Promise<string[]> {
  await cli(place, 'traffic', 'honey', 'plant', planted.subjectId, '--note', 'the demo');
  const { keyId, ended } = await steal(planted.id);
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${place.url}/v1/traffic/${path}`, { headers: { authorization: `Bearer ${place.key}` } });
    if (!response.ok) throw new Error(`the demo met ${response.status} at traffic/${path}`);
    return (await response.json()) as T;
  };
  const about = `key ${keyId}`;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const [found] = (await ask<Found>(`cases?about=${encodeURIComponent(about)}`)).cases;
    if (found !== undefined) {
      const whole = await ask<Whole>(`cases/${found.id}`);
      if (!whole.subjects.includes(planted.subjectId)) throw new Error('the case does not name the customer');
      await cli(place, 'traffic', 'cases', 'act', found.id, 'revoke-key', '--reason', 'the key was stolen');
      await ended();
      return [
        `$ strongroom traffic honey plant ${planted.subjectId} --note …`,
        `a stolen key reads that customer; ${whole.severity} case ${found.id}: ${found.title}, by ${keyId}, customer ${planted.subjectId}`,
        `$ strongroom traffic cases act ${found.id} revoke-key --reason …`,
        'the key is refused at its very next request',
      ];
    }
    await sleep(100);
  }
  throw new Error('no case came of the touched honey');
} // prettier-ignore

export async function traffic(stage: Stage): Promise<void> {
  const honey = await stage.find(FORM_EMAIL);
  const place = { url: stage.url, home: stage.home, key: await stage.key('security') };
  const steal: Theft = async (recordId) => {
    const thief = await stage.ask(201, 'POST', '/v1/access/keys', { as: 'administrator', body: { name: 'demo stolen', role: 'application' } });
    const read = async (status: number): Promise<void> => {
      const response = await fetch(`${stage.url}/v1/vault/records/${recordId}`, { headers: { authorization: `Bearer ${thief.key}`, 'strongroom-purpose': SUPPORT } });
      if (response.status !== status) throw new Error(`the stolen key was answered with ${response.status}, not ${status}`);
    };
    await read(200);
    return { keyId: thief.id, ended: () => read(401) };
  };
  for (const said of await trap(place, honey, steal)) stage.line(said);
} // prettier-ignore

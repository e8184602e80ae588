/**
 * The demo: one customer of a real table through all eight practices. It runs the system as anybody would, through its API,
 * its CLI and its pages, and says in words what each step did; it fails where a promise does not hold.
 */
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { processConfig } from '#platform/config';
import { createLog } from '#platform/log';

import { composeSystem } from '../compose.ts';
import { access } from './access.ts';
import { assurance } from './assurance.ts';
import { backups } from './backups.ts';
import { collection } from './collection.ts';
import { education } from './education.ts';
import { privacy } from './privacy.ts';
import { proofs } from './proofs.ts';
import { createStage, title, type Stage } from './stage.ts';
import { traffic } from './traffic.ts';
import { vault } from './vault.ts';

const CATALOG = fileURLToPath(new URL('../../examples/catalog.yaml', import.meta.url));

export async function demo(args: readonly string[]): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'strongroom-demo-'));
  const config = processConfig({
    STRONGROOM_HOME: home,
    STRONGROOM_LOG: 'warn',
    DATABASE_URL: undefined,
    // nobody works with it: attacks need no two people
    STRONGROOM_ASSURANCE_ARMED: 'always',
    STRONGROOM_CONTROLLER: 'The Shop',
    STRONGROOM_CONTROLLER_CONTACT: 'privacy@shop.example',
    STRONGROOM_REGIONS: 'DE',
    ...(args.includes('--exit') ? { STRONGROOM_PORT: '0' } : {}),
  });
  await cp(CATALOG, config.catalog);
  const isNight = args.includes('--night');
  // requests fail by the dozen when all is attacked: what the runner says of it is what counts
  const system = await composeSystem(config, createLog(isNight ? 'silent' : 'warn'));
  const stopped = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal))).then(() => true);
  let isStopped = false;
  try {
    // by name: a passkey belongs to a name, never to an address
    const url = (await system.http.listen({ host: config.host, port: config.port })).replace('127.0.0.1', 'localhost');
    const stage = await createStage(url, home, system);
    const walked = walk(stage, isNight).then(() => false);
    // what is cut off fails as the system ends under it
    walked.catch(() => undefined);
    isStopped = await Promise.race([walked, stopped]);
    if (isStopped || args.includes('--exit')) return;
    stage.say(`\nThe system stays open at ${url} (the administrator’s key is in ${join(home, 'admin.key')}). Ctrl-C ends it.`);
    await stopped;
  } finally {
    await system.close();
    // its backups lie beside it: what is to outlive a home must not be in it
    for (const folder of [home, `${home}-backups`]) await rm(folder, { recursive: true, force: true });
    // what was cut off may hold the process
    if (isStopped) process.exit(130);
  }
} // prettier-ignore

async function walk(stage: Stage, isNight: boolean): Promise<void> {
  const began = performance.now();
  stage.say('Strongroom: eight practices on one copy of the data. Follow one customer, Luís Gonçalves, through all of them.');
  title('1  collection: only what is needed comes in, and goes when it is not');
  await collection(stage);
  title('2  vault: sealed field by field, under a key of his own');
  const { token } = await vault(stage);
  title('3  access: to each role what its work needs');
  await access(stage);
  title('4  traffic: a customer whom nobody has a reason to touch');
  await traffic(stage);
  title('5  education: who was never taught sees nobody');
  await education(stage);
  title('6  backups: sealed to a key that is not on this machine');
  await backups(stage);
  title('7  privacy: the customer himself');
  await privacy(stage, token);
  title('8  assurance: the system attacks itself');
  await assurance(stage, isNight);
  title('And all of it can be proven');
  await proofs(stage);
  stage.say(`\nEight practices in ${Math.round((performance.now() - began) / 1000)} s.`);
} // prettier-ignore

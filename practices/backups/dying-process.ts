/** A process of its own that takes a backup or reads the log, and kills itself at the point it was told: for tests. */
import { openDb } from '#platform/db';

import { createBackups } from './backups.ts';
import { createSealer } from './sealing/sealer.ts';
import { signerFromSeed } from './signed.ts';
import { createStores } from './stores.ts';
import { openTarget } from './targets/open-target.ts';

export type Death = Readonly<{
  url: string;
  places: readonly string[];
  installation: string;
  /** Of the signer, in hex. */
  seed: string;
  what: 'data' | 'changes';
  at: string;
  /** The first time that it comes there is 1. */
  nth: number;
}>;

/** It never comes back, unless it did not come to that point. */
async function die({ url, places, installation, seed, what, at, nth }: Death): Promise<void> {
  const db = openDb(url, { connections: 5 });
  let times = 0;
  const backups = createBackups({
    db,
    clock: () => new Date(),
    audit: { append: async () => ({}) as never },
    installation,
    signer: async () => signerFromSeed(Buffer.from(seed, 'hex')),
    stores: createStores({ data: places, key: places, ledger: places }, openTarget),
    address: url,
    takeKeys: async () => ({ n: 1 }),
    files: async () => [],
    forgottenSince: async () => ({ erasures: [], restrictions: [] }),
    partsSince: async (to) => ({ parts: [], to, more: false }),
    everyHours: 0,
    sealer: createSealer(1),
    stop: (where) => {
      if (where !== at || ++times < nth) return;
      process.kill(process.pid, 'SIGKILL');
      // the signal is on its way: nothing may be done behind this point
      for (;;);
    },
  });
  await (what === 'data' ? (await backups.begin('data', { kind: 'system', id: 'test' })).done : backups.readChanges());
}

await die(JSON.parse(process.argv[2] ?? '{}') as Death);
process.exit(1);

/** Our own backup and restore, through the server and the command as they are used. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { makeIdentity } from '#practices/backups';
import { createStrongroom, type BackupRun } from '@strongroom/sdk';

import { residentMib, ROOT, type Server } from '../world/server.ts';
import { command, watchPeak, type Ran } from './command.ts';

export type Restored = Ran &
  Readonly<{
    /** Schema, rows, keys and indexes, on the disk. */
    rowsSeconds: number;
    /** Reading all of it back out of the database, against the counts and sums of the backup. */
    compareSeconds: number;
    home: string;
    records: number;
    passed: boolean;
  }>;
export type Ours = Readonly<{
  backup: () => Promise<Ran & { run: BackupRun }>;
  /** Of the server when it does nothing. */
  idleMib: number;
  restore: (home: string) => Promise<Restored>;
}>;

export async function openOurs(server: Server, folder: string): Promise<Ours> {
  const { identity, recipient } = await makeIdentity();
  const as = async (role: string) => createStrongroom({ url: server.url, key: await server.keyFor(role) });
  const engineer = await as('engineer');
  const idleMib = await residentMib(server.pid);
  await (await as('custodian')).backups.trust(recipient);
  // the first one begins by itself: it is the warm-up
  while ((await engineer.backups.status()).newest.data === null) await sleep(200);
  const store = `directory:${server.home}-backups`;
  return {
    backup: async () => {
      const peak = watchPeak(() => residentMib(server.pid));
      const began = performance.now();
      let run = await engineer.backups.run();
      while (run.state === 'running') {
        // asked often while it may end at once, seldom then: what answering takes is not the backup's
        await sleep(performance.now() - began < 1000 ? 20 : 200);
        run = await engineer.backups.get(run.id);
      }
      const seconds = (performance.now() - began) / 1000;
      const peakMib = peak();
      if (run.state !== 'done') throw new Error(`the backup failed: ${run.because}`);
      return { seconds, peakMib, stdout: '', run };
    },
    idleMib,
    restore: async (home) => {
      const { signer } = await engineer.backups.status();
      const steps: [string, number][] = [];
      const args = ['backups', 'restore', '--from', store, '--to', home, '--signer', signer ?? '', '--identity'];
      const done = await command(process.execPath, [join(ROOT, 'server/main.ts'), ...args], {
        env: { TMPDIR: folder },
        input: identity,
        counted: 'itself',
        onLine: (line) => void steps.push([line, performance.now()]),
      });
      const ended = performance.now();
      const spent = (...names: readonly string[]): number =>
        steps.reduce((sum, [step, at], n) => sum + (names.includes(step) ? (steps[n + 1]?.[1] ?? ended) - at : 0), 0) / 1000; // prettier-ignore
      const signed = await readFile(join(home, 'restore-attestation.json'), 'utf8');
      const { proof, passed } = JSON.parse(signed.split('\n')[0] as string) as { proof: { records: number }; passed: boolean }; // prettier-ignore
      const rowsSeconds = spent('schema', 'rows', 'keys', 'settle');
      const compareSeconds = spent('compare rows', 'compare keys');
      return { ...done, rowsSeconds, compareSeconds, home, records: proof.records, passed };
    },
  };
}

export const dropHome = (home: string): Promise<void> => rm(home, { recursive: true, force: true });

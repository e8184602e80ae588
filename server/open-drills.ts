/** Drills as the settings say: beside the home, by a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import type { Db } from '#platform/db';
import { backupsFailure, createDrills, type Backups, type Drills, type Runner } from '#practices/backups';
import type { Foundation, Vault } from '#practices/vault';

import type { RunnerAsk, RunnerSays } from './drill-runner.ts';
import { backupSigner, storesOf } from './open-backups.ts';
import { removeHome } from './remove-home.ts';

/** A large nursery of V8's is 100 MiB more beside the server, and saves a restore no time (docs/adr/0023). */
const SMALL = '--max-semi-space-size=4';
const PROGRAM = fileURLToPath(new URL('main.ts', import.meta.url));
/** One that does not end by itself. */
const LONGEST_MS = 12 * 3_600_000;

export function openDrills(
  config: Config,
  foundation: Foundation,
  { db, clock, audit, backups, vault }: { db: Db; clock: () => Date; audit: Audit; backups: Backups; vault: Vault },
): Drills {
  const { backupHours, backupDrillDays } = config;
  return createDrills({
    db,
    clock,
    audit,
    backups,
    signer: () => backupSigner(foundation),
    plant: vault.canaries.plant,
    shred: vault.canaries.shred,
    startRunner: (onStep) => startRunner(config, onStep),
    everyDays: backupHours === 0 ? 0 : backupDrillDays,
  });
}

/** @throws BACKUPS_DRILL_FAILED */
async function startRunner(config: Config, onStep: (step: string) => void): Promise<Runner> {
  const home = `${config.home}-drill`;
  // its environment is this one's, for the credentials of the stores; its settings are not
  const child = spawn(process.execPath, [SMALL, PROGRAM, 'backups', 'drill-runner'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => undefined);
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const said = async (wanted: 'recipient' | 'signed'): Promise<string> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true) throw backupsFailure('DRILL_FAILED', { detail: 'its process ended' });
      const says = JSON.parse(value) as RunnerSays;
      if (says.failed !== undefined) throw backupsFailure('DRILL_FAILED', { detail: `by ${says.failed}` });
      if (says.step !== undefined) onStep(says.step);
      const found = says[wanted];
      if (found !== undefined) return found;
    }
  };
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
    await removeHome(home);
  };
  try {
    return {
      recipient: await said('recipient'),
      restore: async (ask) => {
        const { data, key, ledger } = storesOf(config);
        const addresses = { data: data[0] as string, key: key[0] as string, ledger: ledger[0] as string };
        child.stdin.write(`${JSON.stringify({ ...ask, home, addresses } satisfies RunnerAsk)}\n`);
        return said('signed');
      },
      close,
    };
  } catch (thrown) {
    // why it failed matters more than what could not be taken away after it
    await close().catch(() => undefined);
    throw thrown;
  }
}

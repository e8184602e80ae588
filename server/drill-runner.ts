/**
 * The other side of a drill, in a process of its own: makes an identity that is only ever in its memory, tells the public half,
 * restores what it is told to into a folder beside the home, says what was proven, and takes all of it away.
 *
 * The root keys of what it restores are made for the drill and protected by a passphrase that is in its memory too: who
 * finds the folder after a crash opens nothing. The first lines of standard output are its answers, one JSON each.
 */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';

import { readConfig } from '#platform/config';
import { isFailure } from '#platform/failure';
import { createLog } from '#platform/log';
import { makeIdentity, openTarget, type DrillAsk } from '#practices/backups';

import { removeHome } from './remove-home.ts';
import { restoreInto } from './restore-system.ts';

/** What the server tells its runner, a line of standard input. */
export type RunnerAsk = DrillAsk & Readonly<{ home: string; addresses: Readonly<Record<'data' | 'key' | 'ledger', string>> }>; // prettier-ignore
export type RunnerSays = Readonly<{ recipient?: string; step?: string; signed?: string; failed?: string }>;

const LEDGER_HOURS = 24;

export async function drillRunner(): Promise<number> {
  const say = (says: RunnerSays): void => void process.stdout.write(`${JSON.stringify(says)}\n`);
  const made = await makeIdentity();
  say({ recipient: made.recipient });
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line) as RunnerAsk;
    try {
      say({ signed: await restoreOnce(asked, made, (step) => say({ step })) });
      return 0;
    } catch (thrown) {
      say({ failed: isFailure(thrown) ? thrown.code : 'unknown' });
      return 1;
    }
  }
  // whoever started it is gone
  return 1;
}

async function restoreOnce(
  { home, addresses, signer, at, canaries }: RunnerAsk,
  { identity, fingerprint }: { identity: string; fingerprint: string },
  onStep: (step: string) => void,
): Promise<string> {
  // only what is said here: no setting of the server is one of what it restores
  const config = readConfig({
    STRONGROOM_HOME: home,
    STRONGROOM_LOG: 'silent',
    STRONGROOM_BACKUPS_HOURS: '0',
    STRONGROOM_ROOT_PASSPHRASE: randomBytes(32).toString('base64url'),
    STRONGROOM_ROOT_PASSPHRASE_SECOND: randomBytes(32).toString('base64url'),
  });
  const stores = {
    data: await openTarget(addresses.data),
    key: await openTarget(addresses.key),
    ledger: await openTarget(addresses.ledger),
  };
  await removeHome(home);
  try {
    const { signed } = await restoreInto(
      config,
      createLog('silent'),
      { stores, addresses, trusted: signer, fingerprint, identity, at: new Date(at), ledgerHours: LEDGER_HOURS, canaries },
      { onStep: told(onStep) },
    ); // prettier-ignore
    return String(signed);
  } finally {
    for (const target of Object.values(stores)) target.close();
    await removeHome(home);
  }
}

/** Each step once: how far within, nobody asks. */
function told(onStep: (step: string) => void): (step: string) => void {
  let last = '';
  return (step) => {
    if (step !== last) onStep(step);
    last = step;
  };
}

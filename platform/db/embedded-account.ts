/**
 * Under which account the embedded PostgreSQL runs: it refuses root, so a server started by root gives it another one.
 */
import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';

import { dbFailure } from './failures.ts';

/** null: the account of this process. */
export type Account = Readonly<{ uid: number; gid: number }> | null;

/** A dedicated account is better than the shared `nobody`: whoever else runs as nobody could read the files. */
const PREFERRED = ['strongroom', 'nobody'];

/** @param storage once it exists, its owner stays the account */
export async function chooseAccount(storage: string): Promise<Account> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(storage).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of PREFERRED) {
    const entry = accounts.find(([known]) => known === name);
    const [uid, gid] = [Number(entry?.[2]), Number(entry?.[3])];
    if (uid > 0 && gid > 0) return { uid, gid };
  }
  throw dbFailure('HOME', {
    detail: 'PostgreSQL refuses to run as root, and this machine has no account strongroom or nobody',
    hint: 'add a user named strongroom, start the server as another user than root, or set DATABASE_URL',
  });
}

/** True when the program runs under the account and exits with 0. */
export async function succeeds(account: Account, program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...account, cwd: '/', stdio: 'ignore', env: {} });
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}

export async function canWrite(account: Account, folder: string): Promise<boolean> {
  return succeeds(account, '/bin/sh', ['-c', 'cd "$0" && test -w .', folder]);
}

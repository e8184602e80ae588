/** What others take and give back of the same database: pg_dump, pgBackRest, and restic of the dump as a file. */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Missing } from '../row.ts';
import { ownFolder, type Cluster } from './cluster.ts';
import { command, type Ran } from './command.ts';

export type Peer = Readonly<{
  name: string;
  /** Before it is measured. */
  prepare: () => Promise<void>;
  backup: (round: number) => Promise<Ran>;
  restore: (round: number) => Promise<Ran>;
}>;
type PeerNeeds = Readonly<{ cluster: Cluster; url: string; folder: string; plain: string }>;

const isThere = (program: string, flag: string): boolean => {
  try {
    execFileSync(program, [flag], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** @param missing gets those that are not installed */
export function peersOf(needs: PeerNeeds, missing: Missing[]): Peer[] {
  const found: Peer[] = [pgDump(needs)];
  for (const [name, flag, make] of [
    ['pgbackrest', 'version', pgBackRest],
    ['restic', 'version', restic],
  ] as const)
    if (isThere(name, flag)) found.push(make(needs));
    else missing.push({ peer: name, why: `not installed: apt-get install ${name}` });
  return found;
}

function pgDump({ cluster, url, folder }: PeerNeeds): Peer {
  const bin = (program: string): string => join(cluster.bin as string, program);
  const file = (round: number): string => join(folder, `dump-${round}`);
  return {
    name: 'pg_dump -Fc, pg_restore',
    prepare: async () => {},
    backup: (round) => command(bin('pg_dump'), ['-Fc', '-f', file(round), url]),
    restore: async (round) => {
      const to = await cluster.database(`restored_${round + 1}`);
      return command(bin('pg_restore'), ['-d', to, file(0)]);
    },
  };
}

/** zstd, AES and two processes, as the design has it. */
function pgBackRest({ cluster: { account, dataFolder, port, sql }, folder }: PeerNeeds): Peer {
  const conf = join(folder, 'pgbackrest.conf');
  const options = [`--config=${conf}`, '--stanza=bench', '--log-level-console=error'];
  const run = (...args: string[]): Promise<Ran> => command('pgbackrest', [...options, ...args], { account });
  return {
    name: 'pgBackRest, zstd and AES, 2 processes',
    prepare: async () => {
      const [repo, log, spool] = [await ownFolder(join(folder, 'repo'), account), await ownFolder(join(folder, 'log'), account), await ownFolder(join(folder, 'lock'), account)]; // prettier-ignore
      await writeFile(
        conf,
        `[global]\nrepo1-path=${repo}\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=bench\ncompress-type=zst\ncompress-level=3\nprocess-max=2\nrepo1-retention-full=99\nlog-path=${log}\nlock-path=${spool}\nstart-fast=y\n[bench]\npg1-path=${dataFolder}\npg1-port=${port}\npg1-socket-path=${dataFolder}\npg1-user=bench\npg1-database=postgres\n`,
        { mode: 0o644 },
      );
      await run('stanza-create');
      await sql(`alter system set archive_command = 'pgbackrest --config=${conf} --stanza=bench archive-push %p'`);
      await sql('select pg_reload_conf()');
      // every process of PostgreSQL takes it in by itself
      await sleep(1000);
    },
    backup: () => run('--type=full', 'backup'),
    restore: async (round) => {
      const to = await ownFolder(join(folder, `cluster-${round}`), account);
      const done = await run(`--pg1-path=${to}`, 'restore');
      await rm(to, { recursive: true });
      return done;
    },
  };
}

function restic({ folder, plain }: PeerNeeds): Peer {
  const repository = join(folder, 'restic');
  const env = { RESTIC_PASSWORD: 'bench', RESTIC_CACHE_DIR: join(folder, 'restic-cache') };
  const run = (...args: string[]): Promise<Ran> => command('restic', ['-r', repository, ...args], { env });
  return {
    name: 'restic, of the dump as a file',
    prepare: () => mkdir(repository),
    // a repository each: what it has seen before it would not take again
    backup: async () => {
      await rm(repository, { recursive: true });
      await run('init');
      return run('backup', plain);
    },
    restore: async (round) => {
      const to = join(folder, `restic-${round}`);
      const done = await run('restore', 'latest', '--target', to);
      await rm(to, { recursive: true });
      return done;
    },
  };
}

/** Who may read what must be kept, and how much room the disks have. */
import { stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Config } from '#platform/config';

import { fail, ok, warn, type Finding } from './finding.ts';

const MIB = 2 ** 20;
/** What the server keeps free for what is under way: below it refuses (platform/db/room.ts). */
const RESERVE_BYTES = 64 * MIB;
const LITTLE_BYTES = 2048 * MIB;

type Kept = Readonly<{ what: string; path: string; mostMode: number }>;

/** Files that hold a secret are their owner's alone; a folder above them may be looked into by nobody else. */
function keptIn(config: Config): readonly Kept[] {
  const secretFile = (what: string, path: string): Kept => ({ what, path, mostMode: 0o600 });
  const root = (what: string, setting: string): Kept[] =>
    setting.startsWith('file:') ? [secretFile(what, setting.slice('file:'.length))] : [];
  return [
    { what: 'home', path: config.home, mostMode: 0o711 },
    ...root('first root key', config.kms),
    ...root('second root key', config.kmsSecond),
    secretFile('administrator key', join(config.home, 'admin.key')),
    secretFile('link of the first administrator', join(config.home, 'first-administrator.link')),
    secretFile('password of the embedded database', join(config.home, 'postgres.password')),
    ...(config.tlsKey === null ? [] : [secretFile('TLS key', config.tlsKey)]),
  ];
}

export async function lookAtFiles(config: Config): Promise<readonly Finding[]> {
  const faults: Finding[] = [];
  let looked = 0;
  for (const { what, path, mostMode } of keptIn(config)) {
    const found = await stat(path).catch(absent);
    if (found === null) continue;
    looked += 1;
    const mode = found.mode & 0o777;
    // a secret mounted by an orchestrator is its group's too, and nobody else's
    const isMounted = mostMode === 0o600 && what === 'TLS key' && (mode & 0o037) === 0;
    if ((mode & ~mostMode) !== 0 && !isMounted)
      faults.push(
        fail('files', `${what}: ${path} has mode ${mode.toString(8)}`, `chmod ${mostMode.toString(8)} ${path}`),
      );
    if (process.getuid !== undefined && process.getuid() !== 0 && found.uid !== process.getuid())
      faults.push(
        warn('files', `${what}: ${path} belongs to another user`, 'give it to the user that runs the server'),
      );
  }
  return faults.length > 0 ? faults : [ok('files', `${looked} that are kept are their owner's alone`)];
}

export function lookAtCustody(config: Config): readonly Finding[] {
  const [first, second] = [pathOf(config.kms), pathOf(config.kmsSecond)];
  const found: Finding[] = [];
  const open = [
    first !== null && config.secret('STRONGROOM_ROOT_PASSPHRASE') === null ? 'the first' : null,
    second !== null && config.secret('STRONGROOM_ROOT_PASSPHRASE_SECOND') === null ? 'the second' : null,
  ].filter((each) => each !== null);
  if (open.length > 0)
    found.push(
      warn(
        'custody',
        `${open.join(' and ')} root key is a file without a passphrase: whoever copies it has it`,
        'strongroom root passphrase, strongroom root quorum, or another provider (docs/configuration.md, Root keys)',
      ),
    );
  if (first !== null && second !== null && dirname(first) === dirname(second))
    found.push(
      warn(
        'custody',
        'both root keys lie in one folder: the second layer adds nothing against who has it',
        'keep them with different providers, or on different disks',
      ),
    );
  return found.length > 0 ? found : [ok('custody', 'the two root keys are kept apart')];
}

const pathOf = (setting: string): string | null => (setting.startsWith('file:') ? setting.slice('file:'.length) : null);

/** The disks of the home and of the stores that are folders, each once. */
export async function lookAtDisks(config: Config): Promise<readonly Finding[]> {
  const folders = [
    ['STRONGROOM_HOME', config.home],
    ...[...config.backupStores, ...(config.backupKeyStores ?? []), ...(config.backupLedgerStores ?? [])]
      .filter((each) => each.startsWith('directory:'))
      .map((each) => ['backups', each.slice('directory:'.length).split('?')[0] as string]),
  ] as const;
  const seen = new Set<string>();
  const found: Finding[] = [];
  for (const [what, folder] of folders) {
    const there = await nearest(folder);
    const key = `${what} ${(await stat(there)).dev}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const { bavail, bsize } = await statfs(there);
    const free = bavail * bsize;
    const says = `${what}: ${Math.floor(free / MIB)} MiB free`;
    const todo = 'make room: a full disk refuses writes, and reads of customers, which cannot be logged';
    found.push(free < RESERVE_BYTES ? fail('disk', says, todo) : free < LITTLE_BYTES ? warn('disk', says, todo) : ok('disk', says)); // prettier-ignore
  }
  return found;
}

/** The folder itself, or the first above it that is there. */
async function nearest(folder: string): Promise<string> {
  const found = await stat(folder).catch(absent);
  return found !== null || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

function absent(thrown: NodeJS.ErrnoException): null {
  if (thrown.code === 'ENOENT') return null;
  throw thrown;
}

/** A restore with everything in it: an embedded database in the home, our migrations, our vault. */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { Config } from '#platform/config';
import { isFarFolder, migrate, openDb, removeEmbedded, startEmbedded, type Db } from '#platform/db';
import type { Log } from '#platform/log';
import {
  backupsFailure,
  createSealer,
  restore,
  type Attestation,
  type CanaryProof,
  type RestoreNeeds,
} from '#practices/backups';
import {
  openKms,
  proveRestored,
  putEscrow,
  replayLedger,
  type Canary,
  type Escrow,
  type Vault,
} from '#practices/vault';

import { composeSystem } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';
import { backupSigner } from './open-backups.ts';
import { quarantineMark, readQuarantine, type Quarantine } from './quarantine.ts';
import { replayParts } from './replay-parts.ts';
import { writeWhole, writeWholeOrInPlace } from './write-whole.ts';

export type RestoreAsk = Parameters<typeof restore>[1] &
  Readonly<{ canaries?: Readonly<{ erased: readonly Canary[]; living: readonly Canary[] }> }>;
type Progress = Pick<RestoreNeeds, 'onStep' | 'stop'>;
/** An empty database, and how the system opens it afterwards: of the home when nothing else is said. */
type Into = Readonly<{ start: RestoreNeeds['startDatabase']; url: string | null }>;

/**
 * Into a home that is empty, or in which a restore was cut off: that is begun again.
 * @returns the attestation; the home stays in quarantine
 * @throws BACKUPS_*, with the home in quarantine or as it was
 */
export async function restoreInto(
  config: Config,
  log: Log,
  ask: RestoreAsk,
  progress: Progress,
  into: Into = ofHome(config),
): Promise<{ attestation: Attestation; signed: Buffer }> {
  const { home } = config;
  const startedAt = new Date().toISOString();
  await clearHome(home, () => mark(home, { state: 'restoring', startedAt, attestation: null }));
  const sealer = createSealer();
  const needs = needsOf(config, log, ask.canaries ?? null, into);
  // its threads hold memory that the proof has other use for
  const startSystem = (): ReturnType<typeof needs.startSystem> => sealer.close().then(needs.startSystem);
  try {
    const done = await restore({ ...needs, ...progress, startSystem, sealer }, ask);
    await writeWhole(join(home, 'restore-attestation.json'), done.signed, 0o600);
    const attestation = createHash('sha256').update(done.signed).digest('hex');
    await mark(home, { state: done.attestation.passed ? 'proven' : 'failed', startedAt, attestation });
    return done;
  } finally {
    await sealer.close();
  }
}

async function clearHome(home: string, close: () => Promise<void>): Promise<void> {
  const there = await readdir(home).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return [];
    throw thrown;
  });
  if (there.length > 0 && (await readQuarantine(home)) === null)
    throw backupsFailure('HOME_IN_USE', { detail: `${home} is not empty, and no restore was begun there` });
  await mkdir(home, { recursive: true, mode: 0o700 });
  await close();
  await removeEmbedded(home);
  // all but the mark: who is killed in between leaves no restored database without it
  for (const name of there)
    if (join(home, name) !== quarantineMark(home) && !isFarFolder(name))
      await rm(join(home, name), { recursive: true, force: true });
}

const mark = (home: string, state: Quarantine): Promise<void> =>
  writeWhole(quarantineMark(home), Buffer.from(`${JSON.stringify(state)}\n`), 0o600);

type AskedCanaries = RestoreAsk['canaries'] | null;

const ofHome = ({ home }: Config): Into => ({
  start: async () => {
    // cut off, a restore begins anew in an empty home: only what was stopped in order is gone on with
    const embedded = await startEmbedded({ home, durability: 'loading' });
    const db = openDb(embedded.address, { connections: 4, statementTimeoutMs: 0, idleInTransactionMs: 0 });
    return {
      db,
      stop: async () => {
        await db.end({ timeout: 5 });
        await embedded.stop();
      },
    };
  },
  url: null,
});

function needsOf(
  config: Config,
  log: Log,
  canaries: AskedCanaries,
  into: Into,
): Omit<RestoreNeeds, 'sealer' | 'onStep' | 'stop'> {
  return {
    clock: () => new Date(),
    startDatabase: into.start,
    migrateTo,
    ownMigrations,
    putKeys: async (db, escrows) => {
      const options = {
        whenMissing: 'make' as const,
        pin: () => config.secret('STRONGROOM_PKCS11_PIN'),
        token: () => config.secret('STRONGROOM_VAULT_TOKEN'),
      };
      const first = await openKms(config.kms, {
        ...options,
        passphrase: () => config.secret('STRONGROOM_ROOT_PASSPHRASE'),
      });
      const second = await openKms(config.kmsSecond, {
        ...options,
        passphrase: () => config.secret('STRONGROOM_ROOT_PASSPHRASE_SECOND'),
      });
      await putEscrow({ db, kms: { first, second } }, escrows as Escrow[]);
      await first.close();
      await second.close();
    },
    putFiles: async (files) => {
      for (const [name, content] of files) {
        const path = FILES[name as keyof typeof FILES]?.(config);
        // not in the home: a restore that begins again empties it
        if (path !== undefined)
          await writeWholeOrInPlace(path, content, 0o600, `${config.home}.${name}.before-restore`);
      }
    },
    startSystem: async () => {
      const system = await composeSystem({ ...config, databaseUrl: into.url }, log, () => new Date(), 'quarantine');
      const { core } = system.vault;
      return {
        db: system.db,
        replay: (erasures, restrictions) =>
          replayLedger(core, erasures, restrictions as Parameters<typeof replayLedger>[2]),
        replayParts: (parts) => replayParts(system, parts),
        prove: () => proveRestored(core),
        canaries: () => seeCanaries(system.vault, canaries),
        signer: () => backupSigner(system.foundation),
        append: async (detail) => {
          await system.audit.append({
            action: 'backups.restore',
            actor: { kind: 'system', id: 'restore' },
            outcome: 'done',
            detail,
          });
          await system.audit.integrate();
        },
        close: system.close,
      };
    },
  };
}

async function seeCanaries({ canaries }: Vault, asked: AskedCanaries): Promise<CanaryProof | null> {
  if (!asked) return null;
  const [erased, living] = [await canaries.see(asked.erased), await canaries.see(asked.living)];
  return {
    erased: erased.length,
    gone: erased.filter(({ gone }) => gone).length,
    living: living.length,
    whole: living.filter(({ whole }) => whole).length,
  };
}

/** Where a file of a backup belongs; any other name is left out. */
const FILES = {
  'catalog.yaml': ({ catalog }: Config) => catalog,
  'strongroom.config.json': ({ home }: Config) => join(home, 'strongroom.config.json.restored'),
} as const;

const ownMigrations: RestoreNeeds['ownMigrations'] = async () => {
  const found = [];
  for (const { schema, folder } of MIGRATIONS)
    for (const [n, name] of (await sqlFiles(folder)).entries()) {
      const text = await readFile(new URL(name, folder), 'utf8');
      found.push({ schema, number: n + 1, sha256: createHash('sha256').update(text).digest('hex') });
    }
  return found;
};

const sqlFiles = async (folder: URL): Promise<string[]> =>
  (await readdir(fileURLToPath(folder))).filter((name) => name.endsWith('.sql')).toSorted();

/** Only the migrations that made the backup's schema: what came later must meet the rows, as it would have. */
async function migrateTo(db: Db, wanted: Parameters<RestoreNeeds['migrateTo']>[1]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sr-schema-'));
  try {
    const sources = [];
    for (const { schema, folder: all } of MIGRATIONS) {
      const names = wanted.filter((each) => each.schema === schema).map(({ name }) => name);
      if (names.length === 0) continue;
      const part = join(folder, schema);
      await mkdir(part);
      for (const name of names) await cp(new URL(name, all), join(part, name));
      sources.push({ schema, folder: pathToFileURL(`${part}/`) });
    }
    await migrate(db, sources);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

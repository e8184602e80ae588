/** Which stores each plane is kept in, and putting one object into all of them. */
import { randomBytes } from 'node:crypto';

import type { Db } from '#platform/db';
import { isFailure } from '#platform/failure';
import type { Uuid } from '#platform/ids';

import { backupsFailure } from './failures.ts';
import { intendObject, storedObject, type SignedRun } from './store/journal.ts';
import type { Stored, Target } from './targets/target.ts';

export type Place = 'data' | 'key' | 'ledger';
export type NamedTarget = Readonly<{ address: string; target: Target }>;
export type Stores = Readonly<{
  /** Opened at the first use and kept. @throws BACKUPS_TARGET_* */
  of: (place: Place) => Promise<readonly NamedTarget[]>;
  /** The one that an object was written to. */
  at: (address: string) => Promise<Target>;
  addresses: Readonly<Record<Place, readonly string[]>>;
  /** What is under way in them fails now, and what begins: one that does not answer keeps nobody from stopping. */
  giveUp: () => void;
  close: () => void;
}>;

export function createStores(
  addresses: Readonly<Record<Place, readonly string[]>>,
  open: (address: string, options: Readonly<{ stop: AbortSignal }>) => Promise<Target>,
): Stores {
  const opened = new Map<string, Promise<Target>>();
  const gone = new AbortController();
  const at = (address: string): Promise<Target> => {
    const known = opened.get(address);
    if (known !== undefined) return known;
    const target = open(address, { stop: gone.signal });
    opened.set(address, target);
    // one that failed is tried again by whoever comes next
    target.catch(() => opened.delete(address));
    return target;
  };
  return {
    addresses,
    at,
    of: (place) => Promise.all(addresses[place].map(async (address) => ({ address, target: await at(address) }))),
    giveUp: () => gone.abort(),
    close: () => {
      for (const target of opened.values())
        target.then(
          (each) => each.close(),
          () => undefined,
        );
    },
  };
}

/** 128 random bits: a name says nothing of the content, and nobody can take it first. */
export const randomName = (): string => randomBytes(16).toString('hex');

/**
 * Puts an object into every store of a plane; journalled before, so that what a crash leaves is known by name.
 * @param stop a place to be killed at, for tests
 */
export async function putEverywhere(
  { db, stores, now }: { db: Db; stores: readonly NamedTarget[]; now: () => Date },
  { run, name, bytes, lockDays }: { run: Uuid; name: string; bytes: Buffer; lockDays: number },
  stop: (at: string) => void | Promise<void>,
): Promise<Stored> {
  const kept: Stored[] = [];
  for (const { address, target } of stores) {
    await intendObject(db, run, address, name);
    await stop('intended');
    const lock = await lockFor(target, now, lockDays);
    const stored = await target.put(name, bytes, { lock });
    await stop('put');
    await storedObject(db, address, stored);
    await stop('journalled');
    kept.push(stored);
  }
  const [first] = kept;
  if (first === undefined) throw backupsFailure('TARGET_MALFORMED', { detail: 'a plane has no store' });
  return first;
}

/** By the store's clock where that is ahead: retention by a client's clock that goes slow would be short. */
async function lockFor(target: Target, now: () => Date, days: number): Promise<{ until: Date } | null> {
  if (days === 0) return null;
  const time = Math.max(now().getTime(), (await target.now()).getTime());
  return { until: new Date(time + days * 86_400_000) };
}

/**
 * Puts a signed manifest into each of these stores that has not got it; may be done again, and by two at once.
 * @returns whether one of them had it
 */
export async function deliverManifest(
  { db, stores, now }: { db: Db; stores: readonly NamedTarget[]; now: () => Date },
  {
    run_id: run,
    manifest_name: name,
    manifest,
    manifest_sha256: sha256,
  }: Pick<SignedRun, 'run_id' | 'manifest_name' | 'manifest' | 'manifest_sha256'>,
  lockDays: number,
  stop: (at: string) => void | Promise<void> = () => {},
): Promise<boolean> {
  let wasThere = false;
  if (manifest === null || sha256 === null) return wasThere;
  for (const { address, target } of stores) {
    await intendObject(db, run, address, name);
    await stop('intended manifest');
    const put = await target
      .put(name, manifest, { lock: await lockFor(target, now, lockDays) })
      .catch((thrown: unknown) => {
        if (isFailure(thrown, 'BACKUPS_OBJECT_EXISTS')) return null;
        throw thrown;
      });
    await stop('put manifest');
    await storedObject(db, address, put ?? (await alreadyThere(target, name, sha256)));
    wasThere ||= put === null;
  }
  return wasThere;
}

/** @throws BACKUPS_OBJECT_DAMAGED when it is another one */
async function alreadyThere(target: Target, name: string, sha256: string): Promise<Stored> {
  const { length } = await target.get(name, { sha256 });
  const version = (await target.list(name))[0]?.version ?? null;
  return { name, version, sizeBytes: length, sha256, lockedUntil: await target.lockOf(name, version) };
}

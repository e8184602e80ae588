/**
 * Epoch keys (KEKs): the layer between the root, which never leaves its provider, and everything the vault seals.
 *
 * Each use has its own line of epochs: `data` wraps key rings, `second` wraps the inner keys of class special under
 * another root, `index` and `token` are the branches for search and tokens, `audit` makes the log's pseudonyms. An
 * epoch is wrapped by the provider with installation, use and epoch as authenticated context. Destroying an old `data`
 * epoch makes erasure final: dead copies of key rings in heap pages, WAL and replicas can be opened by nobody.
 * Source: docs/formats/key-ring.md §1; NIST SP 800-57pt1r5 §5.3.6 (cryptoperiods)
 */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { isFailure } from '#platform/failure';
import type { Uuid } from '#platform/ids';

import { vaultFailure } from './failures.ts';
import type { Kms, Wrapped } from './kms/kms.ts';

export const KEY_USES = ['data', 'second', 'index', 'token', 'audit'] as const;
export type KeyUse = (typeof KEY_USES)[number];

/** `current` wraps and opens, `retiring` only opens while rings are moved off it, `destroyed` has no key any more. */
export type EpochState = 'current' | 'retiring' | 'destroyed';
export type EpochRow = Readonly<{
  use: KeyUse;
  epoch: number;
  state: EpochState;
  wrapped: Wrapped | null;
  createdAt: Date;
}>;

export type EpochStore = {
  load: () => Promise<EpochRow[]>;
  /** Inserts the first epoch of a use; another server may win. */
  insertFirst: (use: KeyUse, wrapped: Wrapped) => Promise<void>;
  /** Retires the current epoch `from` and inserts `from + 1` as current, in one transaction. @returns false when another server did */
  advance: (use: KeyUse, from: number, wrapped: Wrapped) => Promise<boolean>;
  /** Replaces the wrapping of one epoch, when the root is rotated. */
  rewrap: (use: KeyUse, epoch: number, wrapped: Wrapped) => Promise<void>;
};

export type EpochNeeds = {
  store: EpochStore;
  kms: { first: Kms; second: Kms };
  installation: Uuid;
  /** How long a destroyed epoch's key stays in memory for whoever read a ring just before, in ms. */
  lingersMs?: number;
};

/** Longer than a read that is under way; opened rings stay in memory for longer than that (subject-keys.ts). */
const LINGERS_MS = 60_000;

export type Epochs = {
  /** The newest epoch of a use: what is sealed now is sealed under it. */
  current: (use: KeyUse) => { epoch: number; key: KeyObject };
  /** The key of an epoch; asks the store again when another server has made it meanwhile. @throws VAULT_EPOCH_DESTROYED */
  key: (use: KeyUse, epoch: number) => Promise<KeyObject>;
  /** The key when it is in memory; the hot path asks this first. */
  known: (use: KeyUse, epoch: number) => KeyObject | undefined;
  list: () => readonly EpochRow[];
  reload: () => Promise<void>;
  /** Begins a new epoch of a use. @returns its number */
  advance: (use: KeyUse) => Promise<number>;
  /** Wraps every living epoch anew under the provider's newest root key. @returns how many */
  rewrapAll: () => Promise<number>;
};

/** What the root authenticates with an epoch. */
export const epochContext = (installation: Uuid, use: KeyUse, epoch: number): Record<string, string> => ({
  system: 'strongroom',
  installation,
  use,
  epoch: String(epoch),
});

/** Loads all epochs, making the first of each use on an empty database. @throws VAULT_ROOT_KEY_WRONG, KMS_* */
export async function openEpochs({ store, kms, installation, lingersMs = LINGERS_MS }: EpochNeeds): Promise<Epochs> {
  const provider = (use: KeyUse): Kms => (use === 'second' ? kms.second : kms.first);
  let rows: readonly EpochRow[] = [];
  const keys = new Map<string, KeyObject>();
  const newest = new Map<KeyUse, { epoch: number; key: KeyObject }>();
  const leaving = new Set<string>();

  /** Rows that were read before the destruction are opened yet: to their readers nothing was erased. */
  const leave = (name: string): void => {
    if (!keys.has(name) || leaving.has(name)) return;
    leaving.add(name);
    setTimeout(() => {
      keys.delete(name);
      leaving.delete(name);
    }, lingersMs).unref();
  };

  const wrapFresh = async (use: KeyUse, epoch: number): Promise<Wrapped> => {
    const fresh = randomBytes(32);
    const wrapped = await provider(use).wrap(fresh, epochContext(installation, use, epoch));
    fresh.fill(0);
    return wrapped;
  };

  const reload = async (): Promise<void> => {
    rows = await store.load();
    for (const row of rows) {
      const name = `${row.use}/${row.epoch}`;
      if (row.wrapped === null) leave(name);
      else if (!keys.has(name))
        keys.set(
          name,
          await unwrapEpoch(
            provider(row.use),
            { ...row, wrapped: row.wrapped },
            epochContext(installation, row.use, row.epoch),
          ),
        );
    }
    // only now: while a provider is asked for a new key, the epochs before go on
    newest.clear();
    for (const { use, epoch, state } of rows) {
      const key = keys.get(`${use}/${epoch}`);
      if (state === 'current' && key !== undefined) newest.set(use, { epoch, key });
    }
  };

  const current: Epochs['current'] = (use) => {
    const found = newest.get(use);
    if (found === undefined) throw vaultFailure('KEY_REFUSED', { detail: `there is no current epoch for ${use}` });
    return found;
  };

  await reload();
  for (const use of KEY_USES) {
    if (!rows.some((row) => row.use === use)) await store.insertFirst(use, await wrapFresh(use, 1));
  }
  await reload();

  return {
    current,
    known: (use, epoch) => keys.get(`${use}/${epoch}`),
    key: async (use, epoch) => {
      const name = `${use}/${epoch}`;
      if (!keys.has(name)) await reload();
      const key = keys.get(name);
      if (key === undefined)
        throw vaultFailure('EPOCH_DESTROYED', { detail: `epoch ${epoch} of ${use} is not there any more` });
      return key;
    },
    list: () => rows,
    reload,
    advance: async (use) => {
      await reload();
      const from = current(use).epoch;
      await store.advance(use, from, await wrapFresh(use, from + 1));
      await reload();
      return current(use).epoch;
    },
    rewrapAll: async () => {
      await reload();
      const living = rows.filter((row) => row.wrapped !== null);
      for (const { use, epoch } of living) {
        const key = keys.get(`${use}/${epoch}`) as KeyObject;
        await store.rewrap(use, epoch, await provider(use).wrap(key.export(), epochContext(installation, use, epoch)));
      }
      await reload();
      return living.length;
    },
  };
}

/** @throws VAULT_ROOT_KEY_WRONG, KMS_UNREACHABLE, KMS_DENIED */
export async function unwrapEpoch(
  kms: Kms,
  { use, epoch, wrapped }: EpochRow & { wrapped: Wrapped },
  bound: Record<string, string>,
): Promise<KeyObject> {
  try {
    const bytes = await kms.unwrap(wrapped, bound);
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  } catch (cause) {
    if (isFailure(cause, 'KMS_UNREACHABLE') || isFailure(cause, 'KMS_DENIED')) throw cause;
    const [root, setting] = use === 'second' ? ['second', 'STRONGROOM_KMS_SECOND'] : ['first', 'STRONGROOM_KMS'];
    const why = isFailure(cause) ? `: ${cause.message}` : '';
    throw vaultFailure('ROOT_KEY_WRONG', {
      detail: `the ${root} root key does not open epoch ${epoch} of ${use}, wrapped by ${wrapped.provider} key ${wrapped.keyId}${why}`,
      hint: `point ${setting} at the key this database was made with, or put its file back from its backup; nothing was changed`,
      cause,
    });
  }
}

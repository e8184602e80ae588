/**
 * Opens a subject's key ring and keeps opened rings for a short while.
 *
 * INVARIANT: a ring is only looked up here by the very blob that was just read from the database, in the same statement
 * as the ciphertext. A shredded subject has no blob, so no cached key can open it, on any server.
 * Source: practices/vault.md §8 (limits of a cache of keys)
 */
import { createSecretKey, type KeyObject } from 'node:crypto';

import type { RandomPool } from '#platform/crypto';
import type { SubjectId, Uuid } from '#platform/ids';

import type { Epochs } from './epochs.ts';
import { vaultFailure } from './failures.ts';
import {
  KEY_BYTES,
  moveRing,
  unwrapRing,
  wrapRing,
  type RingEntry,
  type RingLayer,
  type RingPlace,
} from './key-ring.ts';
import { AES_GCM, TWO_LAYERS, XCHACHA, type FieldSuite } from './suites.ts';
import { KEY_CLASSES, type DataKey, type KeyClass } from './types.ts';

/** A key ring as its row holds it. `second` is there when the subject has keys of class special. */
export type StoredRing = Readonly<{ epoch: number; first: Buffer; secondEpoch: number | null; second: Buffer | null }>;
export type OpenRing = Readonly<{
  keys: readonly DataKey[];
  entries: readonly RingEntry[];
  inner: readonly RingEntry[];
}>;

export type SubjectKeys = {
  open: (subjectId: SubjectId, stored: StoredRing) => Promise<OpenRing>;
  /** The same, and nothing is kept in memory: who goes over everybody would push out the rings of those who are read. */
  openOnce: (subjectId: SubjectId, stored: StoredRing) => Promise<OpenRing>;
  /** The same without waiting, when epoch keys are in memory: bulk work and the hot path. */
  openNow: (subjectId: SubjectId, stored: StoredRing) => OpenRing | null;
  /** A ring with a fresh key for each class that has none yet, or null when all are there. */
  extend: (
    subjectId: SubjectId,
    ring: OpenRing | null,
    classes: Iterable<KeyClass>,
  ) => { ring: OpenRing; stored: StoredRing } | null;
  /** A ring in which these classes got a newer key; the old ones stay to open old boxes. */
  renew: (subjectId: SubjectId, ring: OpenRing, classes: Iterable<KeyClass>) => { ring: OpenRing; stored: StoredRing };
  /** A ring without keys that no box names any more. */
  drop: (
    subjectId: SubjectId,
    ring: OpenRing,
    isUsed: (key: DataKey) => boolean,
  ) => { ring: OpenRing; stored: StoredRing };
  /** The same keys, wrapped under the current epochs. Nothing is kept in memory, so that readers' rings stay there. */
  rewrap: (subjectId: SubjectId, stored: StoredRing) => Promise<StoredRing>;
  /** Drops what is in memory of one subject. */
  forget: (subjectId: SubjectId) => void;
  /** Opened rings in memory; for metrics. */
  size: () => number;
  clear: () => void;
};

export type SubjectKeysNeeds = {
  installation: Uuid;
  epochs: Epochs;
  random: RandomPool;
  clock: () => Date;
  /** Suite that a new key of this class is made for. */
  suiteFor: (keyClass: KeyClass) => number;
  /** Cipher of rings that do not stand in two layers. */
  ringSuite: FieldSuite;
  maxRings?: number;
};

const IDLE_MS = 5 * 60_000;
const TOTAL_MS = 15 * 60_000;

export function createSubjectKeys(needs: SubjectKeysNeeds): SubjectKeys {
  const { installation, epochs, random } = needs;
  const wrapping = { nonces: random, suite: needs.ringSuite };
  const maxRings = needs.maxRings ?? 20_000;
  const held = new Map<string, { ring: OpenRing; openedAt: number; usedAt: number }>();

  const placeOf = (subjectId: SubjectId, layer: RingLayer, epoch: number): RingPlace => ({
    installation,
    subjectId,
    layer,
    epoch,
  });

  const nameOf = (subjectId: SubjectId, stored: StoredRing): string =>
    subjectId + stored.first.toString('latin1', 1, 17) + (stored.second?.toString('latin1', 1, 17) ?? '');

  // one iterator kept over all evictions: a new one steps over every slot that the evictions before left empty
  let byAge = held.keys();
  const oldest = (): string => {
    const next = byAge.next();
    if (next.done !== true) return next.value;
    byAge = held.keys();
    return byAge.next().value as string;
  };

  const remember = (subjectId: SubjectId, stored: StoredRing, ring: OpenRing): void => {
    if (maxRings === 0) return;
    const now = needs.clock().getTime();
    held.set(nameOf(subjectId, stored), { ring, openedAt: now, usedAt: now });
    if (held.size > maxRings) held.delete(oldest());
  };

  const recall = (subjectId: SubjectId, stored: StoredRing): OpenRing | null => {
    const name = nameOf(subjectId, stored);
    const found = held.get(name);
    if (found === undefined) return null;
    const now = needs.clock().getTime();
    held.delete(name);
    if (now - found.usedAt > IDLE_MS || now - found.openedAt > TOTAL_MS) return null;
    found.usedAt = now;
    held.set(name, found);
    return found.ring;
  };

  const unwrap = (subjectId: SubjectId, stored: StoredRing, kek: KeyObject, secondKek: KeyObject | null): OpenRing => {
    const entries = unwrapRing(kek, placeOf(subjectId, 'first', stored.epoch), stored.first);
    const inner =
      stored.second === null || secondKek === null
        ? []
        : unwrapRing(secondKek, placeOf(subjectId, 'second', stored.secondEpoch as number), stored.second);
    return openRing(entries, inner);
  };

  const keep = (subjectId: SubjectId, stored: StoredRing, ring: OpenRing): OpenRing => {
    remember(subjectId, stored, ring);
    return ring;
  };

  const openNow: SubjectKeys['openNow'] = (subjectId, stored) => {
    const known = recall(subjectId, stored);
    if (known !== null) return known;
    const kek = epochs.known('data', stored.epoch);
    const secondKek = stored.secondEpoch === null ? null : epochs.known('second', stored.secondEpoch);
    return kek === undefined || secondKek === undefined
      ? null
      : keep(subjectId, stored, unwrap(subjectId, stored, kek, secondKek));
  };

  const openOnce: SubjectKeys['openOnce'] = async (subjectId, stored) => {
    const known = recall(subjectId, stored);
    if (known !== null) return known;
    const kek = epochs.known('data', stored.epoch) ?? (await epochs.key('data', stored.epoch));
    if (stored.secondEpoch === null) return unwrap(subjectId, stored, kek, null);
    const second = epochs.known('second', stored.secondEpoch) ?? (await epochs.key('second', stored.secondEpoch));
    return unwrap(subjectId, stored, kek, second);
  };

  const store = (subjectId: SubjectId, entries: readonly RingEntry[], inner: readonly RingEntry[]): StoredRing => {
    const kek = epochs.current('data');
    const secondKek = inner.length === 0 ? null : epochs.current('second');
    const first = wrapRing(kek.key, placeOf(subjectId, 'first', kek.epoch), entries, wrapping);
    if (secondKek === null) return { epoch: kek.epoch, first, secondEpoch: null, second: null };
    const second = wrapRing(secondKek.key, placeOf(subjectId, 'second', secondKek.epoch), inner, wrapping);
    return { epoch: kek.epoch, first, secondEpoch: secondKek.epoch, second };
  };

  const move = async (use: 'data' | 'second', subjectId: SubjectId, epoch: number, blob: Buffer) => {
    const layer = use === 'data' ? 'first' : 'second';
    const kek = epochs.known(use, epoch) ?? (await epochs.key(use, epoch));
    const to = epochs.current(use);
    const from = { kek, place: placeOf(subjectId, layer, epoch) };
    const home = { kek: to.key, place: placeOf(subjectId, layer, to.epoch) };
    return { epoch: to.epoch, blob: moveRing(from, home, blob, wrapping) };
  };

  const add = (
    subjectId: SubjectId,
    ring: OpenRing | null,
    classes: readonly KeyClass[],
  ): { ring: OpenRing; stored: StoredRing } => {
    const entries = [...(ring?.entries ?? [])];
    const inner = [...(ring?.inner ?? [])];
    const madeOnDay = Math.floor(needs.clock().getTime() / 86_400_000);
    for (const keyClass of classes) {
      const classNo = KEY_CLASSES.indexOf(keyClass);
      const version =
        1 + Math.max(0, ...entries.filter((entry) => entry.classNo === classNo).map((entry) => entry.version));
      const suite = needs.suiteFor(keyClass);
      entries.push({ classNo, suite, version, madeOnDay, key: random.take(KEY_BYTES) });
      if (suite === TWO_LAYERS) inner.push({ classNo, suite, version, madeOnDay, key: random.take(KEY_BYTES) });
    }
    const stored = store(subjectId, entries, inner);
    const opened = openRing(entries, inner);
    // a subject that is new is seldom read at once, and an import of many would push out those that are
    if (ring !== null) remember(subjectId, stored, opened);
    return { ring: opened, stored };
  };

  return {
    openNow,
    openOnce,
    open: async (subjectId, stored) =>
      openNow(subjectId, stored) ?? keep(subjectId, stored, await openOnce(subjectId, stored)),
    extend: (subjectId, ring, classes) => {
      const missing = [...new Set(classes)].filter((keyClass) => newestKey(ring, keyClass) === undefined);
      return missing.length === 0 ? null : add(subjectId, ring, missing);
    },
    renew: (subjectId, ring, classes) => add(subjectId, ring, [...new Set(classes)]),
    drop: (subjectId, ring, isUsed) => {
      const kept = new Set(
        ring.keys.filter(isUsed).map((key) => `${KEY_CLASSES.indexOf(key.keyClass)}/${key.version}`),
      );
      const keep = (entry: RingEntry): boolean => kept.has(`${entry.classNo}/${entry.version}`);
      const entries = ring.entries.filter(keep);
      const inner = ring.inner.filter(keep);
      const stored = store(subjectId, entries, inner);
      return { ring: openRing(entries, inner), stored };
    },
    rewrap: async (subjectId, { epoch, first, secondEpoch, second }) => {
      const moved = await move('data', subjectId, epoch, first);
      if (second === null || secondEpoch === null)
        return { epoch: moved.epoch, first: moved.blob, secondEpoch: null, second: null };
      const inner = await move('second', subjectId, secondEpoch, second);
      return { epoch: moved.epoch, first: moved.blob, secondEpoch: inner.epoch, second: inner.blob };
    },
    forget: (subjectId) => {
      for (const name of held.keys()) if (name.startsWith(subjectId)) held.delete(name);
    },
    size: () => held.size,
    clear: () => held.clear(),
  };
}

/** The key that seals now for a class. */
export function newestKey(ring: OpenRing | null, keyClass: KeyClass): DataKey | undefined {
  let newest: DataKey | undefined;
  for (const key of ring?.keys ?? []) {
    if (key.keyClass === keyClass && (newest === undefined || key.version > newest.version)) newest = key;
  }
  return newest;
}

/** The key that a box names. @throws VAULT_KEY_REFUSED when the ring has none */
export function keyOf(ring: OpenRing, keyClass: KeyClass, version: number): DataKey {
  for (const key of ring.keys) if (key.keyClass === keyClass && key.version === version) return key;
  throw vaultFailure('KEY_REFUSED', { detail: `the key ring has no key ${version} of class ${keyClass}` });
}

function openRing(entries: readonly RingEntry[], inner: readonly RingEntry[]): OpenRing {
  const keys = entries.map((entry): DataKey => {
    const keyClass = KEY_CLASSES[entry.classNo];
    if (keyClass === undefined || ![AES_GCM, XCHACHA, TWO_LAYERS].includes(entry.suite))
      throw vaultFailure('FORMAT_UNKNOWN');
    const second = inner.find((other) => other.classNo === entry.classNo && other.version === entry.version);
    if (entry.suite === TWO_LAYERS && second === undefined)
      throw vaultFailure('KEY_REFUSED', { detail: 'the second layer of a key is missing' });
    let aes: KeyObject | undefined;
    return {
      keyClass,
      version: entry.version,
      suite: entry.suite,
      madeOnDay: entry.madeOnDay,
      // made when it is asked for: suite 3 never asks, and an object of OpenSSL costs as much as sealing a field
      get aes() {
        return (aes ??= createSecretKey(entry.key));
      },
      chacha: entry.suite === XCHACHA ? entry.key : (second?.key ?? Buffer.alloc(0)),
    };
  });
  return { keys, entries, inner };
}

/**
 * Where backups are kept: what a store must do, and what is never believed about it.
 *
 * Names are random and written once. After every `put` the object is read back whole: its bytes, its lock mode and its
 * retain-until are what the store has, not what it said it took. An object is at most 64 MiB, so that it is one PUT: on
 * multipart uploads a store was seen to drop the lock (radosgw 16.2).
 */

export const MAX_OBJECT_BYTES = 64 * 2 ** 20;

/** COMPLIANCE: nobody shortens it, its owner neither. */
export type Lock = Readonly<{ until: Date }>;

export type Stored = Readonly<{
  name: string;
  /** Which version of the name this is; null where a store has no versions. */
  version: string | null;
  sizeBytes: number;
  /** Of the bytes as they were read back, in hex. */
  sha256: string;
  /** As it was read back; null when none was asked for. */
  lockedUntil: Date | null;
}>;

export type Listed = Readonly<{ name: string; version: string | null; sizeBytes: number; storedAt: Date }>;

export type TargetFacts = Readonly<{
  kind: 'directory' | 's3';
  /** For people; without credentials. */
  place: string;
  /** `enforced`: by the store itself, against its owner too. `advisory`: only this program keeps to it. */
  locks: 'enforced' | 'advisory';
  /** Whether a name may have several, each deleted by its id. */
  versions: boolean;
  /** Whether it may be on the very machine that it should outlive. */
  nearby: boolean;
}>;

export type Target = {
  facts: TargetFacts;
  /**
   * Writes an object once, durably, and reads it back.
   * @throws BACKUPS_OBJECT_EXISTS, BACKUPS_OBJECT_TOO_LARGE, BACKUPS_LOCK_MISSING, BACKUPS_OBJECT_DAMAGED, BACKUPS_TARGET_*
   */
  put: (name: string, bytes: Uint8Array, options: Readonly<{ lock: Lock | null }>) => Promise<Stored>;
  /**
   * The whole object; `sha256` is compared before a byte is given away.
   * @throws BACKUPS_OBJECT_MISSING, BACKUPS_OBJECT_DAMAGED
   */
  get: (name: string, expected?: Readonly<{ version?: string | null; sha256?: string }>) => Promise<Buffer>;
  /**
   * Every version of every name that begins so, in order of names, of each the oldest first: a name is written once, so what
   * came later is somebody else's. A store may list late: nothing is concluded from absence.
   */
  list: (prefix: string) => Promise<readonly Listed[]>;
  /** Until when an object is locked, as the store has it now. @throws BACKUPS_OBJECT_MISSING */
  lockOf: (name: string, version: string | null) => Promise<Date | null>;
  /** Deletes one version and proves it absent. @throws BACKUPS_OBJECT_LOCKED */
  remove: (name: string, version: string | null) => Promise<void>;
  /** The store's own clock: retention by a client's clock could be shortened by whoever sets that. */
  now: () => Promise<Date>;
  close: () => void;
};

/** What we wrote: of each name the version before all others. */
export const written = (listed: readonly Listed[]): Listed[] =>
  listed.filter(({ name }, n) => listed[n - 1]?.name !== name);

/** `data/0a…` and such: lower case, so that every file system and store keeps names apart. */
export const isObjectName = (name: string): boolean =>
  /^[a-z0-9][a-z0-9._-]{0,120}(\/[a-z0-9][a-z0-9._-]{0,120}){0,4}$/.test(name);

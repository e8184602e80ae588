/** Words the vault's files share. */
import type { KeyObject } from 'node:crypto';

/** How sensitive a field is; the order is the order of the numbers stored in boxes and key rings. */
export const DATA_CLASSES = ['public', 'internal', 'personal', 'sensitive', 'special'] as const;
export type DataClass = (typeof DATA_CLASSES)[number];

/** A class of the catalogue, or one the vault keeps a key for itself. */
export type KeyClass = DataClass | 'attachment' | 'audit';
export const KEY_CLASSES: readonly KeyClass[] = [...DATA_CLASSES, 'attachment', 'audit'];

export type FieldValue = string | number | boolean | { readonly [name: string]: unknown } | readonly unknown[];

/** One opened key of a subject: for a class, in a version, for one suite. */
export type DataKey = Readonly<{
  keyClass: KeyClass;
  version: number;
  suite: number;
  /** Days since 1970-01-01 when it was made. */
  madeOnDay: number;
  /** AES key: suites 1 and 17, and derivations. */
  aes: KeyObject;
  /** 32 bytes for XChaCha20: the key itself (suite 3) or the second layer's (suite 17); otherwise empty. */
  chacha: Buffer;
}>;

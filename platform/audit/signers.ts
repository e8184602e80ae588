/** The log's own keys: Ed25519, which every reader of tiled logs knows, and ML-DSA-44 against quantum computers. */
import type { KeyObject } from 'node:crypto';

import {
  COSIGNATURE_ML_DSA_44,
  formatVerifierKey,
  mlDsa44FromSeed,
  NOTE_ED25519,
  noteKeyOf,
  type NoteKey,
  type NoteSigner,
} from '#platform/tlog';

export type LogSigner = Readonly<{
  /** The log's origin. */
  name: string;
  /** Ed25519. */
  privateKey: KeyObject;
  /** ξ of FIPS 204, 32 bytes; without it the log signs with Ed25519 alone. */
  mlDsa44Seed?: Uint8Array;
}>;

export type LogKeys = Readonly<{
  name: string;
  signers: readonly NoteSigner[];
  keys: readonly NoteKey[];
  /** One on a line, Ed25519 first. */
  verifierKey: string;
}>;

/** @throws TypeError for a name that no note could carry */
export function logKeys({ name, privateKey, mlDsa44Seed }: LogSigner): LogKeys {
  const signers: readonly NoteSigner[] = [
    { name, type: NOTE_ED25519, privateKey },
    ...(mlDsa44Seed === undefined
      ? []
      : [{ name, type: COSIGNATURE_ML_DSA_44, privateKey: mlDsa44FromSeed(mlDsa44Seed) } as const]),
  ];
  const keys = signers.map(noteKeyOf);
  return { name, signers, keys, verifierKey: keys.map(formatVerifierKey).join('\n') };
}

/**
 * What an export keeps while its groups are counted: rows sealed, groups and values as HMACs, under keys that exist in this
 * process's memory for this one run. Written is nothing that anybody could read or try values against afterwards.
 *
 * What somebody with the database's files could still see while it runs: how many rows look the same.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

import { hmacExpand, lengthPrefixed, macUnder } from '#platform/crypto';
import type { SubjectId } from '#platform/ids';

import { canonicalJson } from '../catalog-version.ts';
import { CODE_BYTES } from '../store/spool.ts';
import type { CellValue } from './hierarchy.ts';

/** A row as it is kept: whose, and each column as fine as it may leave. */
export type Kept = Readonly<{ subjectId: SubjectId; cells: readonly CellValue[] }>;
export type RunKeys = Readonly<{
  /** @param place of the value: two columns with the same value have different codes */
  code: (place: string, value: CellValue) => Buffer;
  seal: (row: Kept) => Buffer;
  open: (sealed: Buffer) => Kept;
}>;

const NONCE = 12;
const TAG = 16;

export function newRunKeys(): RunKeys {
  const root = randomBytes(32);
  const mac = macUnder(createSecretKey(hmacExpand(root, 'codes')));
  const sealing = createSecretKey(hmacExpand(root, 'rows'));
  root.fill(0);
  // each row its own: the key is of this run, and a run seals fewer than 2^32 rows
  const nonce = Buffer.alloc(NONCE);
  return {
    code: (place, value) =>
      mac(lengthPrefixed('cell', place), value === null ? 'absent' : `=${canonicalJson(value)}`).subarray(
        0,
        CODE_BYTES,
      ),
    seal: ({ subjectId, cells }) => {
      nonce.writeUInt32BE(nonce.readUInt32BE(NONCE - 4) + 1, NONCE - 4);
      const cipher = createCipheriv('aes-256-gcm', sealing, nonce, { authTagLength: TAG });
      const plain = Buffer.from(JSON.stringify([subjectId, cells]));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (sealed) => {
      const decipher = createDecipheriv('aes-256-gcm', sealing, sealed.subarray(0, NONCE), { authTagLength: TAG });
      decipher.setAuthTag(sealed.subarray(-TAG));
      const plain = Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
      const [subjectId, cells] = JSON.parse(plain.toString()) as [SubjectId, CellValue[]];
      return { subjectId, cells };
    },
  };
}

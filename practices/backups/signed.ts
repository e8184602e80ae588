/**
 * Documents that a backup's trust stands on: one line of JSON, and a line for each of two signatures, Ed25519 and
 * ML-DSA-65. Both must hold: who breaks one kind of signature forges nothing.
 *
 * The signers' public keys are in the document; that they are the right ones is known by their fingerprint, which the
 * ceremony sheet has on paper. Source: RFC 8032, FIPS 204; docs/formats/backup.md §2
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

import { lengthPrefixed } from '#platform/crypto';

import { backupsFailure } from './failures.ts';

export type Signer = Readonly<{ ed25519: KeyObject; mlDsa65: KeyObject; fingerprint: string; publicKeys: PublicKeys }>;
type PublicKeys = Readonly<{ ed25519: string; mlDsa65: string }>;

const ED_SEED_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const DSA_SEED_HEAD = Buffer.from('3034020100300b0609608648016503040312042280 20'.replace(' ', ''), 'hex');
const ED_HEAD = Buffer.from('302a300506032b6570032100', 'hex');
const DSA_HEAD = Buffer.from('308207b2300b0609608648016503040312038207a100', 'hex');
export const SIGNER_SEED_BYTES = 64;

/** @param seed 64 random bytes: 32 for each key */
export function signerFromSeed(seed: Uint8Array): Signer {
  const key = (head: Buffer, bytes: Uint8Array): KeyObject =>
    createPrivateKey({ key: Buffer.concat([head, bytes]), format: 'der', type: 'pkcs8' });
  const ed25519 = key(ED_SEED_HEAD, seed.subarray(0, 32));
  const mlDsa65 = key(DSA_SEED_HEAD, seed.subarray(32, 64));
  const raw = (of: KeyObject, head: Buffer): string =>
    createPublicKey(of).export({ format: 'der', type: 'spki' }).subarray(head.length).toString('base64');
  const publicKeys = { ed25519: raw(ed25519, ED_HEAD), mlDsa65: raw(mlDsa65, DSA_HEAD) };
  return { ed25519, mlDsa65, publicKeys, fingerprint: fingerprintOf(publicKeys) };
}

/** 64 hex digits. */
export const fingerprintOf = ({ ed25519, mlDsa65 }: PublicKeys): string =>
  createHash('sha256')
    .update(
      lengthPrefixed('strongroom/backup-signer/1', Buffer.from(ed25519, 'base64'), Buffer.from(mlDsa65, 'base64')),
    )
    .digest('hex');

/** @param content has a `format`, which is signed along: a document of one kind never passes for another */
export function signDocument(content: Readonly<Record<string, unknown> & { format: string }>, signer: Signer): Buffer {
  const line = Buffer.from(JSON.stringify({ ...content, signers: signer.publicKeys }));
  const message = messageOf(content.format, line);
  const lines = [
    line.toString(),
    `ed25519 ${sign(null, message, signer.ed25519).toString('base64')}`,
    `ml-dsa-65 ${sign(null, message, signer.mlDsa65).toString('base64')}`,
  ];
  return Buffer.from(`${lines.join('\n')}\n`);
}

/**
 * @param trusted the fingerprint to which the signers must belong
 * @returns the content, its fields not looked at yet
 * @throws BACKUPS_SIGNATURE_REFUSED, BACKUPS_SIGNER_UNKNOWN
 */
export function openDocument<T extends { format: string }>(bytes: Buffer, format: T['format'], trusted: string): T {
  const [line = '', ed = '', dsa = '', rest] = bytes.toString('utf8').split('\n');
  let content: { format?: unknown; signers?: Partial<PublicKeys> };
  try {
    content = JSON.parse(line) as typeof content;
  } catch (cause) {
    throw backupsFailure('SIGNATURE_REFUSED', { cause });
  }
  const { ed25519, mlDsa65 } = content.signers ?? {};
  if (content.format !== format || rest !== '' || typeof ed25519 !== 'string' || typeof mlDsa65 !== 'string')
    throw backupsFailure('SIGNATURE_REFUSED');
  if (fingerprintOf({ ed25519, mlDsa65 }) !== trusted) throw backupsFailure('SIGNER_UNKNOWN');
  const message = messageOf(format, Buffer.from(line));
  const holds = (head: Buffer, key: string, text: string, label: string): boolean => {
    const [name, signature = ''] = text.split(' ');
    try {
      const publicKey = createPublicKey({
        key: Buffer.concat([head, Buffer.from(key, 'base64')]),
        format: 'der',
        type: 'spki',
      });
      return name === label && verify(null, message, publicKey, Buffer.from(signature, 'base64'));
    } catch {
      // a key of another length is no key
      return false;
    }
  };
  if (!holds(ED_HEAD, ed25519, ed, 'ed25519') || !holds(DSA_HEAD, mlDsa65, dsa, 'ml-dsa-65'))
    throw backupsFailure('SIGNATURE_REFUSED');
  return content as unknown as T;
}

const messageOf = (format: string, line: Buffer): Buffer => Buffer.concat([Buffer.from(`${format}\n`), line]);

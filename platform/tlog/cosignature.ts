/**
 * What is signed, and whether a signature holds, for each type of signature.
 *
 * A cosignature carries the time at which it was made: u64 seconds ‖ signature. Source: C2SP tlog-cosignature
 */
import { sign, verify } from 'node:crypto';

import { checkpointText, parseCheckpoint } from './checkpoint.ts';
import { COSIGNATURE_ED25519, NOTE_ED25519, noteKeyOf, type NoteKey, type NoteSigner } from './vkey.ts';

const TIMESTAMP_BYTES = 8;
const SUBTREE_LABEL = Buffer.from('subtree/v1\n\0');
const MOST_NAME_BYTES = 255;

export type Checked = Readonly<{ ok: true; at: Date | null } | { ok: false }>;

/** cosigned_message for a whole tree; null for a text that is no checkpoint, or has lines that this would not cover. */
function subtreeMessage(text: string, cosigner: string, seconds: bigint): Buffer | null {
  const head = parseCheckpoint(text);
  const name = Buffer.from(cosigner);
  if (head === null || checkpointText(head) !== text) return null;
  const origin = Buffer.from(head.origin);
  if (name.length > MOST_NAME_BYTES || origin.length > MOST_NAME_BYTES) return null;
  const message = Buffer.concat([
    SUBTREE_LABEL,
    Uint8Array.of(name.length), name, u64(seconds),
    Uint8Array.of(origin.length), origin, u64(0n), u64(BigInt(head.size)),
    head.root,
  ]); // prettier-ignore
  return message;
}

function messageOf(text: string, { type, name }: NoteKey, seconds: bigint): Buffer | null {
  if (type === NOTE_ED25519) return Buffer.from(text);
  if (type === COSIGNATURE_ED25519) return Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);
  return subtreeMessage(text, name, seconds);
}

/**
 * One line of a note, with its newline.
 * @throws TypeError when this type cannot sign this text: ML-DSA-44 covers no extension lines, and names up to 255 bytes
 */
export function signatureLine(text: string, signer: NoteSigner, at: Date): string {
  const key = noteKeyOf(signer);
  const seconds = BigInt(Math.floor(at.getTime() / 1000));
  const message = messageOf(text, key, seconds);
  if (message === null || seconds < 0n) throw new TypeError('this text cannot be cosigned by this key');
  const signature = sign(null, message, signer.privateKey);
  const stamp = signer.type === NOTE_ED25519 ? Buffer.alloc(0) : u64(seconds);
  return `— ${signer.name} ${Buffer.concat([key.keyId, stamp, signature]).toString('base64')}\n`;
}

/**
 * @param bytes of the signature line, after the key id
 * @returns with the time of the cosignature; null for a signature that has none, and for the time 0
 */
export function checkSignature(text: string, key: NoteKey, bytes: Buffer): Checked {
  const stamped = key.type !== NOTE_ED25519;
  if (stamped && bytes.length <= TIMESTAMP_BYTES) return { ok: false };
  const seconds = stamped ? bytes.readBigUInt64BE(0) : 0n;
  // the specification's limit is 2^63 - 1; what no date can hold is no time
  if (seconds > 8_640_000_000_000n) return { ok: false };
  const message = messageOf(text, key, seconds);
  const signature = stamped ? bytes.subarray(TIMESTAMP_BYTES) : bytes;
  if (message === null || !verify(null, message, key.publicKey, signature)) return { ok: false };
  return { ok: true, at: seconds === 0n ? null : new Date(Number(seconds) * 1000) };
}

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/**
 * What makes two sightings the same finding: rule, asset, logical place, parameter. Nothing of when it was seen, from
 * which port or with which payload, so that a scan repeated finds what it found. Source: docs/formats/finding-fingerprint.md
 */
import { createHash } from 'node:crypto';

/** Goes into the hash: another way to make it is another version, and old fingerprints stay what they are. */
export const FINGERPRINT_VERSION = 1;
/** The key under which SARIF carries it (`partialFingerprints`), with its version. */
export const FINGERPRINT_KEY = `strongroomFinding/v${FINGERPRINT_VERSION}`;

export type Sighted = Readonly<{ rule: string; asset: string; place: string; parameter?: string }>;

/** @returns SHA-256 as 64 hex digits, over each part after its length in bytes: no part can run into the next */
export function fingerprintOf({ rule, asset, place, parameter }: Sighted): string {
  const hash = createHash('sha256');
  for (const part of [`strongroom finding ${FINGERPRINT_VERSION}`, rule, asset, place, parameter ?? '']) {
    const bytes = Buffer.from(part.normalize('NFC'));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest('hex');
}

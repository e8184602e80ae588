/**
 * The offline identity: ML-KEM-768 and X25519 in one (age1pq1…), made away from the server, split 3 of 5. The server is told
 * the recipient, its public half.
 *
 * Too few shares, or one of another ceremony, combine without an error to something else: what is combined is compared
 * with its recipient, whose fingerprint each share carries. Source: docs/formats/backup-shares.md
 */
import { createHash } from 'node:crypto';

import { backupsFailure } from '../failures.ts';

export type OfflineIdentity = Readonly<{ identity: string; recipient: string; fingerprint: string }>;

export const SHARE_MARK = 'strongroom-share-1';
const CHECK_DIGITS = 8;

/** 16 hex digits: enough to tell recipients apart and short enough to read aloud. */
export const recipientFingerprint = (recipient: string): string =>
  createHash('sha256').update(`strongroom/backup-recipient/1\n${recipient}`).digest('hex').slice(0, 16);

export async function makeIdentity(): Promise<OfflineIdentity> {
  const { generateHybridIdentity, identityToRecipient } = await import('age-encryption');
  const identity = await generateHybridIdentity();
  const recipient = await identityToRecipient(identity);
  return { identity, recipient, fingerprint: recipientFingerprint(recipient) };
}

/** @throws BACKUPS_KEY_WRONG for a text that is no identity */
export async function recipientOf(identity: string): Promise<string> {
  const { identityToRecipient } = await import('age-encryption');
  try {
    return await identityToRecipient(identity);
  } catch {
    // its message may quote the identity
    throw backupsFailure('KEY_WRONG', { detail: 'this is no identity of age' });
  }
}

/** @returns one text for each custodian: mark, fingerprint, number, threshold, share in hex, check digits */
export async function splitIdentity(
  { identity, fingerprint }: OfflineIdentity,
  { shares = 5, threshold = 3 } = {},
): Promise<string[]> {
  const { split } = await import('shamir-secret-sharing');
  const parts = await split(new Uint8Array(Buffer.from(identity, 'ascii')), shares, threshold);
  return parts.map((part, n) => {
    const body = [SHARE_MARK, fingerprint, n + 1, threshold, Buffer.from(part).toString('hex')].join(':');
    return `${body}:${check(body)}`;
  });
}

/** @throws BACKUPS_SHARES_WRONG for a share mistyped, of another ceremony, given twice, or for too few */
export async function combineIdentity(texts: readonly string[]): Promise<OfflineIdentity> {
  const shares = texts.map(parseShare);
  const [first] = shares;
  if (first === undefined) throw wrong('there is no share');
  if (shares.some(({ fingerprint }) => fingerprint !== first.fingerprint))
    throw wrong('the shares are of two ceremonies');
  if (new Set(shares.map(({ number }) => number)).size !== shares.length) throw wrong('a share was given twice');
  if (shares.length < first.threshold) throw wrong(`${first.threshold} shares are needed, these are ${shares.length}`);
  const { combine } = await import('shamir-secret-sharing');
  const identity = Buffer.from(await combine(shares.map(({ part }) => part))).toString('latin1');
  let recipient: string;
  try {
    recipient = await recipientOf(identity);
  } catch (cause) {
    throw backupsFailure('SHARES_WRONG', { cause });
  }
  if (recipientFingerprint(recipient) !== first.fingerprint) throw backupsFailure('SHARES_WRONG');
  return { identity, recipient, fingerprint: first.fingerprint };
}

function parseShare(text: string): { fingerprint: string; number: number; threshold: number; part: Uint8Array } {
  const [mark, fingerprint = '', number, threshold, hex = '', digits, ...rest] = text.trim().split(':');
  const body = [mark, fingerprint, number, threshold, hex].join(':');
  if (mark !== SHARE_MARK || rest.length > 0 || !/^([0-9a-f]{2}){2,400}$/.test(hex)) throw wrong('a line is no share');
  if (digits !== check(body))
    throw wrong(`the check digits of share ${Number(number) || '?'} do not fit: it was mistyped`);
  return {
    fingerprint,
    number: Number(number),
    threshold: Number(threshold),
    part: new Uint8Array(Buffer.from(hex, 'hex')),
  };
}

const check = (body: string): string => createHash('sha256').update(body).digest('hex').slice(0, CHECK_DIGITS);
const wrong = (detail: string): Error => backupsFailure('SHARES_WRONG', { detail });

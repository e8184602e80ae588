/**
 * Challenges of passkeys: 256 random bits, answered once, within five minutes, by the session or the sign-in attempt they
 * were made for. An attempt is a token in a cookie of its own; without it, an answer made elsewhere could be slipped in.
 */
import { createHash, randomBytes } from 'node:crypto';

import type { Db } from '#platform/db';

import { insertChallenge, takeChallenge, type ChallengeUse } from '../store/passkeys.ts';

/** What a challenge belongs to: a session's id, or the token of an attempt. */
export type Bound = string;
export type Challenges = Readonly<{
  make: (use: ChallengeUse, bound: Bound) => Promise<Buffer>;
  /** @param challenge as it came back, base64url */
  take: (challenge: string, use: ChallengeUse, bound: Bound) => Promise<boolean>;
}>;

const boundTo = (bound: Bound): Buffer => createHash('sha256').update(bound).digest();

export const createChallenges = (db: Db): Challenges => ({
  make: async (use, bound) => {
    const challenge = randomBytes(32);
    await insertChallenge(db, { challenge, use, boundTo: boundTo(bound) });
    return challenge;
  },
  take: (challenge, use, bound) =>
    takeChallenge(db, { challenge: Buffer.from(challenge, 'base64url'), use, boundTo: boundTo(bound) }),
});

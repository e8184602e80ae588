/**
 * Idempotency keys: a request repeated with its key gets the first answer, and does nothing a second time.
 *
 * The answer is kept in the same transaction as the work, so that it is there exactly when the work is. Answers hold ids
 * and versions, never a value; the request is kept as a keyed hash.
 */
import { createHmac } from 'node:crypto';

import { equal } from '#platform/crypto';
import type { Statements } from '#platform/db';

import type { Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { findAnswer, keepAnswer } from './store/answers.ts';

export type Answer = Readonly<{ status: number; body: Record<string, unknown> }>;
export type Idempotent = Readonly<{
  /** The answer given before, if any. @throws VAULT_IDEMPOTENCY_KEY_REUSED */
  earlier: () => Promise<Answer | null>;
  keep: (tx: Statements, answer: Answer) => Promise<void>;
}>;

const USABLE = /^[\x21-\x7e]{8,128}$/;

/** @returns null without a key @throws VAULT_IDEMPOTENCY_KEY_INVALID */
export function idempotency(core: Core, actor: string, key: string | undefined, request: unknown): Idempotent | null {
  if (key === undefined) return null;
  if (!USABLE.test(key)) throw vaultFailure('IDEMPOTENCY_KEY_INVALID');
  const hash = createHmac('sha256', core.epochs.current('token').key).update(JSON.stringify(request)).digest();
  return {
    earlier: async () => {
      const row = await findAnswer(core.db, actor, key);
      if (row === null) return null;
      if (!equal(row.requestHash, hash)) throw vaultFailure('IDEMPOTENCY_KEY_REUSED');
      return { status: row.status, body: row.answer };
    },
    keep: async (tx, answer) => {
      // two at once with one key: the second waits for the first to commit, collides here, and is tried again from the start
      if (!(await keepAnswer(tx, actor, key, hash, answer)))
        throw Object.assign(new Error('answered meanwhile'), { code: 'ANSWERED' });
    },
  };
}

/** Runs work once for a key. @returns the first answer, whoever gave it */
export async function once(idempotent: Idempotent | null, work: () => Promise<Answer>): Promise<Answer> {
  const earlier = await idempotent?.earlier();
  if (earlier) return earlier;
  try {
    return await work();
  } catch (thrown) {
    // what another request with this key did meanwhile may be why this one was refused; or this one's own commit was not heard of
    const answered = await idempotent?.earlier();
    if (answered) return answered;
    throw thrown;
  }
}

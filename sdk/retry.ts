/**
 * When to try again and how long to wait first: exponential backoff with full jitter.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
import type { StrongroomProblem } from './problem.ts';

/** First ceiling of the wait; doubled with each attempt. */
const FIRST_MS = 100;
/** The ceiling never grows beyond this. */
const CEILING_MS = 5_000;
/** A server that asks for more than this is not waited for: the caller is told instead. */
export const LONGEST_RETRY_AFTER_MS = 60_000;

/** Statuses of a gateway or a stopping server: the request may have been carried out, so only repeat what is idempotent. */
const GATEWAY = new Set([502, 503, 504]);
// 507 is not among them: what fills a disk is not gone in seconds, and who repeats a write against a full one makes it worse

/** The first request with this key is still being carried out: its answer will be there in a moment. */
const IN_PROGRESS = /_IN_(PROGRESS|FLIGHT)$/;

/**
 * @param replayable false when the body is a stream that cannot be sent a second time
 * @param idempotent true when carrying it out twice does what once does
 */
export function mayRetry(problem: StrongroomProblem, how: { idempotent: boolean; replayable: boolean }): boolean {
  if (!how.replayable || (problem.retryAfterMs ?? 0) > LONGEST_RETRY_AFTER_MS) return false;
  if (problem.status === 429) return true;
  if (!how.idempotent) return false;
  if (problem.status === 409) return IN_PROGRESS.test(problem.code);
  return problem.code === 'SDK_UNREACHABLE' || problem.code === 'SDK_TIMEOUT' || GATEWAY.has(problem.status);
}

/**
 * @param attempt 0 for the wait after the first failure
 * @param random from 0 to 1
 * @returns milliseconds, never less than what the server asked for
 */
export function waitMs(attempt: number, retryAfterMs: number | undefined, random: () => number): number {
  const jitter = random() * Math.min(CEILING_MS, FIRST_MS * 2 ** attempt);
  return (retryAfterMs ?? 0) + jitter;
}

/** Waits, or ends at once when the signal fires (the caller looks at the signal again). */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

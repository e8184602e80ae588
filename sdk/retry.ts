/**
 * When to try again and how long to wait first: exponential backoff with full jitter.
 * Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
import { StrongroomProblem } from './problem.ts';
import type { Call } from './transport.ts';

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

/** What is said where no connection came about, so that nothing was sent. */
const NEVER_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;
/** What OpenSSL and Node say of a certificate that is not trusted. */
const DISTRUST = /CERT|ISSUER|SIGNATURE|HOSTNAME_MISMATCH/;

export const isDistrust = (reason: string): boolean => DISTRUST.test(reason);
/** Of one that had no answer: the server's own problems may have a `reason` of another kind. */
const reasonOf = ({ code, extra }: StrongroomProblem): string =>
  code === 'SDK_UNREACHABLE' && typeof extra.reason === 'string' ? extra.reason : '';

/** Whether sending it twice does what once does: a read, what its route knows a key of, PUT and DELETE (RFC 9110 §9.2.2). */
export function isIdempotent(call: Pick<Call, 'method' | 'does' | 'headers'>): boolean {
  if (call.does !== 'change') return true;
  // of a version that the first has replaced, the second would only hear that it is not the newest
  return (call.method === 'PUT' || call.method === 'DELETE') && call.headers?.['if-match'] === undefined;
}

/**
 * @param replayable false when the body is a stream that cannot be sent a second time
 * @param idempotent true when carrying it out twice does what once does
 */
export function mayRetry(problem: StrongroomProblem, how: { idempotent: boolean; replayable: boolean }): boolean {
  if (!how.replayable || (problem.retryAfterMs ?? 0) > LONGEST_RETRY_AFTER_MS) return false;
  if (problem.status === 429 || NEVER_SENT.test(reasonOf(problem))) return true;
  if (!how.idempotent) return false;
  return problem.status === 409 ? IN_PROGRESS.test(problem.code) : mayBeDone(problem);
}

/** Whether the server may have carried out what has ended so. */
export function mayBeDone(problem: StrongroomProblem): boolean {
  const reason = reasonOf(problem);
  if (problem.code === 'SDK_UNREACHABLE') return !isDistrust(reason) && !NEVER_SENT.test(reason);
  return problem.code === 'SDK_TIMEOUT' || GATEWAY.has(problem.status);
}

/**
 * A problem of a change that no key makes happen once. Where its answer, or that of an earlier try, was lost, it says so: "there is no
 * such key" may be the key that this very call has revoked.
 */
export function toldWhole(problem: StrongroomProblem, earlierLost: boolean): StrongroomProblem {
  if (!earlierLost && !mayBeDone(problem)) return problem;
  const { code, status, message: detail, hint, instance, retryAfterMs, extra, cause } = problem;
  const which = mayBeDone(problem)
    ? 'it may have been done all the same'
    : 'an earlier try of this call had no answer and may have done it';
  return new StrongroomProblem({
    code, status, detail, instance, retryAfterMs, cause,
    hint: `${hint === '' ? '' : `${hint}; `}${which}: look before you send it again`,
    extra: { ...extra, mayBeDone: true },
  }); // prettier-ignore
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

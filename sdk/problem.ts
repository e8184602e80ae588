/**
 * What went wrong, as one class: the server's problem documents (RFC 9457), and the client's own troubles in the same
 * shape. Every one has a stable `code` to branch on, a sentence, and a hint that says what to do.
 */

/** Codes that the client itself makes; every other code comes from the server (docs/failures.md). */
export type ClientCode =
  /** No answer: refused, reset, name not found, or cut off in the middle. `status` is 0, `extra.reason` such as ECONNREFUSED. */
  | 'SDK_UNREACHABLE'
  /** No answer within `timeoutMs`. `status` is 0. */
  | 'SDK_TIMEOUT'
  /** The caller's AbortSignal fired. `status` is 0. */
  | 'SDK_ABORTED'
  /** A stream ended before its end: what was received is not all. `status` is 0. */
  | 'SDK_STREAM_CUT'
  /** What answered does not speak Strongroom's contract (a proxy's page, another program). */
  | 'SDK_NOT_STRONGROOM'
  /** A setting or argument that would be unsafe or cannot work; nothing was sent. `status` is 0. */
  | 'SDK_REFUSED'
  /** A proof of the audit log that does not hold. */
  | 'SDK_PROOF_REFUSED';

export type ProblemParts = Readonly<{
  code: string;
  status: number;
  detail: string;
  hint: string;
  instance?: string | undefined;
  retryAfterMs?: number | undefined;
  extra?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}>;

/**
 * @example
 * try {
 *   await room.records.get(id, { purpose: 'support' });
 * } catch (thrown) {
 *   if (isProblem(thrown, 'VAULT_NOT_FOUND')) return null;
 *   throw thrown;
 * }
 */
export class StrongroomProblem extends Error {
  override readonly name = 'StrongroomProblem';
  /** Stable, upper case, such as `VAULT_NOT_FOUND`. */
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** What to do about it. */
  readonly hint: string;
  /** Names this very case in the server's log: `urn:strongroom:request:…`. */
  readonly instance: string | undefined;
  /** How long the server asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** Extension members of the problem document, such as `field`. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(parts: ProblemParts) {
    super(parts.detail, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = parts.code;
    this.status = parts.status;
    this.hint = parts.hint;
    this.instance = parts.instance;
    this.retryAfterMs = parts.retryAfterMs;
    this.extra = parts.extra ?? {};
  }

  /** For logs: no stack, no cause, nothing of the request. */
  toJSON(): { code: string; status: number; detail: string; hint: string; instance?: string } {
    const { code, status, hint, instance } = this;
    return { code, status, detail: this.message, hint, ...(instance === undefined ? {} : { instance }) };
  }
}

/** True for a problem, and when codes are given, for one of those. */
export function isProblem(thrown: unknown, ...codes: readonly string[]): thrown is StrongroomProblem {
  return thrown instanceof StrongroomProblem && (codes.length === 0 || codes.includes(thrown.code));
}

export function clientProblem(
  code: ClientCode,
  detail: string,
  hint: string,
  more: Readonly<{ status?: number; cause?: unknown; extra?: Readonly<Record<string, unknown>> }> = {},
): StrongroomProblem {
  return new StrongroomProblem({ code, detail, hint, status: 0, ...more });
}

export function aborted(reason: unknown): StrongroomProblem {
  return clientProblem('SDK_ABORTED', 'the call was ended by its caller', 'nothing to do: this was asked for', {
    cause: reason,
  });
}

const KNOWN_MEMBERS = new Set(['type', 'title', 'status', 'detail', 'code', 'hint', 'instance']);

/** Reads an error answer: a problem document, or whatever else stood in its place. */
export async function problemOf(response: Response): Promise<StrongroomProblem> {
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'));
  const text = await response.text().catch(() => '');
  const document = /[/+]json/.test(response.headers.get('content-type') ?? '') ? parseObject(text) : null;
  if (typeof document?.code !== 'string') {
    return new StrongroomProblem({
      code: 'SDK_NOT_STRONGROOM',
      status: response.status,
      detail: `the answer was HTTP ${response.status} without a problem document`,
      hint: 'is the URL the one of a Strongroom server, and is a proxy in between?',
      retryAfterMs,
    });
  }
  return new StrongroomProblem({
    code: document.code,
    status: response.status,
    detail: asText(document.detail) ?? asText(document.title) ?? `HTTP ${response.status}`,
    hint: asText(document.hint) ?? '',
    instance: asText(document.instance),
    retryAfterMs,
    extra: Object.fromEntries(Object.entries(document).filter(([name]) => !KNOWN_MEMBERS.has(name))),
  });
}

/** Retry-After is seconds or an HTTP date (RFC 9110 §10.2.3). */
export function readRetryAfter(header: string | null, nowMs: number = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

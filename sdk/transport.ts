/**
 * One request to the server: where it goes, what it carries, how long it may take, and how often it is tried.
 *
 * The API key lives in this closure only: no object that a caller can print, inspect or serialise holds it.
 */
import { aborted, clientProblem, problemOf, StrongroomProblem } from './problem.ts';
import { isDistrust, isIdempotent, mayBeDone, mayRetry, pause, toldWhole, waitMs } from './retry.ts';
import { withCuts } from './whole-body.ts';

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** What every call takes beside its own arguments. */
export type CallOptions = Readonly<{
  /** Why the data is read; a declared purpose of the catalogue. Wins over the client's. */
  purpose?: string | undefined;
  /** Ends the call with `SDK_ABORTED`. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for each attempt. Wins over the client's. */
  timeoutMs?: number | undefined;
  /**
   * Makes this very change happen once, whoever repeats it and from which process. Left out, one is made for each call
   * and kept over its retries. At most 128 characters. Only calls that write records, attachments and forms take one.
   */
  idempotencyKey?: string | undefined;
}>;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A body that can be sent again, or a stream that cannot. */
export type Body = Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array> | (() => ReadableStream<Uint8Array>);

export type Call = Readonly<{
  method: Method;
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  headers?: Readonly<Record<string, string>>;
  json?: unknown;
  body?: Body;
  /**
   * `read` changes nothing but the audit log. `write` carries an Idempotency-Key that its route knows, so that it is done
   * once, however often it is sent. `change` is any other: a PUT or DELETE is sent again too (RFC 9110 §9.2.2), a POST only
   * where the server did nothing, since a second one could make two keys or use a code up.
   */
  does: 'read' | 'write' | 'change';
  accept?: string;
}>;

export type Transport = {
  /** The parsed JSON answer; null for an empty one. @throws StrongroomProblem */
  json: <T>(call: Call, options?: CallOptions) => Promise<T>;
  /** The answer once its headers are there; the body is still to be read, and is not timed. @throws StrongroomProblem */
  stream: (call: Call, options?: CallOptions) => Promise<Response>;
};

export type TransportNeeds = Readonly<{
  url: URL;
  key: (() => string | Promise<string>) | undefined;
  /** Sends the browser's cookie of this very site, in place of a key. */
  session: boolean;
  purpose: string | undefined;
  fetch: Fetch;
  retries: number;
  timeoutMs: number;
  random: () => number;
}>;

export function createTransport(needs: TransportNeeds): Transport {
  const attempts = async <T>(call: Call, options: CallOptions, how: Taking<T>): Promise<T> => {
    const headers = headersOf(call, options, needs);
    const can = { idempotent: isIdempotent(call), replayable: !(call.body instanceof ReadableStream) };
    let lost = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await once(call, options, headers, needs, how);
      } catch (thrown) {
        if (!(thrown instanceof StrongroomProblem)) throw thrown;
        if (attempt >= needs.retries || !mayRetry(thrown, can))
          throw call.does === 'change' ? toldWhole(thrown, lost) : thrown;
        lost ||= mayBeDone(thrown);
        await pause(waitMs(attempt, thrown.retryAfterMs, needs.random), options.signal);
        if (isAborted(options.signal)) throw aborted(options.signal?.reason);
      }
    }
  };
  return {
    json: <T>(call: Call, options: CallOptions = {}) =>
      attempts(call, options, { whole: true, take: (response) => readJson<T>(response) }),
    stream: (call, options = {}) =>
      attempts(call, options, { whole: false, take: (response) => Promise.resolve(withCuts(response)) }),
  };
}

/** How an answer is taken: whole, or as a stream that the caller's signal can still end later. */
type Taking<T> = Readonly<{ whole: boolean; take: (response: Response) => Promise<T> }>;

/** One attempt. The timer covers `take`: headers and body for JSON, only headers for a stream. */
async function once<T>(
  call: Call,
  options: CallOptions,
  headers: Headers,
  needs: TransportNeeds,
  { take, whole }: Taking<T>,
): Promise<T> {
  const { signal } = options;
  if (isAborted(signal)) throw aborted(signal?.reason);
  const control = new AbortController();
  const timeoutMs = options.timeoutMs ?? needs.timeoutMs;
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    control.abort();
  }, timeoutMs);
  const onAbort = (): void => control.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  let hasKey = needs.key === undefined;
  try {
    if (needs.key !== undefined) {
      const key = await beforeAbort(needs.key, control.signal);
      headers.set('authorization', `Bearer ${checkedKey(key)}`);
      hasKey = true;
    }
    const response = await needs.fetch(
      addressOf(call, needs.url),
      requestOf(call, headers, control.signal, needs.session),
    );
    if (!response.ok) {
      const problem = await problemOf(response);
      // then the body did not come to its end, and what it says is not known
      control.signal.throwIfAborted();
      throw problem;
    }
    const taken = await take(response);
    // a long-lived signal would otherwise gather a listener for each call
    if (whole) signal?.removeEventListener('abort', onAbort);
    return taken;
  } catch (thrown) {
    signal?.removeEventListener('abort', onAbort);
    // what the caller's own function throws is the caller's
    if (thrown instanceof StrongroomProblem || (!hasKey && !control.signal.aborted)) throw thrown;
    if (isAborted(signal)) throw aborted(signal?.reason);
    if (timedOut) {
      throw clientProblem(
        'SDK_TIMEOUT',
        `no answer from ${needs.url.origin} within ${timeoutMs} ms`,
        'is the server overloaded or the network slow? raise timeoutMs for calls that take long',
      );
    }
    const reason = reasonOf(thrown);
    throw clientProblem(
      'SDK_UNREACHABLE',
      `${needs.url.origin} could not be reached or closed the connection (${reason})`,
      isDistrust(reason) ? DISTRUSTS : 'is the server running, and is the URL right?',
      { cause: thrown, extra: { reason } },
    );
  } finally {
    clearTimeout(timer);
  }
}

const DISTRUSTS =
  'its certificate is not one that is trusted here, or not of this name: NODE_EXTRA_CA_CERTS names a file with the one who signed it';

/** A key that somebody else has to be asked for must not outlast the call. */
function beforeAbort<T>(work: () => T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    Promise.resolve().then(work).then(resolve, reject);
  });
}

/** A key with a line break or a letter beyond ASCII would make `fetch` throw an error that quotes it. */
export function checkedKey(key: string): string {
  if (!/^[\x21-\x7e]{1,512}$/.test(key)) {
    throw clientProblem('SDK_REFUSED', 'the key is not one', 'a key looks like srk_… and is one word');
  }
  return key;
}

function requestOf(call: Call, headers: Headers, signal: AbortSignal, session: boolean): RequestInit {
  const content = call.json === undefined ? contentOf(call.body) : JSON.stringify(call.json);
  return {
    method: call.method,
    headers,
    signal,
    // a redirect would carry key and values to an address that nobody configured
    redirect: 'error',
    cache: 'no-store',
    credentials: session ? 'same-origin' : 'omit',
    referrerPolicy: 'no-referrer',
    ...(content === undefined ? {} : { body: content }),
    ...(content instanceof ReadableStream ? { duplex: 'half' as const } : {}),
  };
}

const contentOf = (body: Body | undefined): Exclude<Body, () => unknown> | undefined =>
  typeof body === 'function' ? body() : body;

/** A function, because the signal may fire between two looks at it. */
const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

function headersOf(call: Call, options: CallOptions, needs: TransportNeeds): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(call.headers ?? {})) carry(headers, name, value);
  headers.set('accept', call.accept ?? 'application/json');
  if (call.json !== undefined) headers.set('content-type', 'application/json');
  if (call.body !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/octet-stream');
  const purpose = options.purpose ?? needs.purpose;
  if (purpose !== undefined) carry(headers, 'strongroom-purpose', purpose);
  if (call.does === 'write') carry(headers, 'idempotency-key', options.idempotencyKey ?? randomKey());
  else if (options.idempotencyKey !== undefined)
    throw clientProblem('SDK_REFUSED', 'this call takes no idempotencyKey', 'leave it out: its route knows none');
  return headers;
}

function carry(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    // what is thrown quotes the value
    throw clientProblem('SDK_REFUSED', `the ${name} is not one`, 'one line, of letters that a header can carry');
  }
}

function addressOf(call: Call, origin: URL): string {
  // not by resolving it: a path that begins with // would be another host, and the key would go there
  const address = new URL(origin.origin + origin.pathname.replace(/\/+$/, '') + call.path);
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) address.searchParams.set(name, value);
  }
  return address.href;
}

async function readJson<T>(response: Response): Promise<T> {
  const text = await response.text();
  if (text === '') return null as T;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw clientProblem(
      'SDK_NOT_STRONGROOM',
      'the answer was not JSON',
      'is the URL the one of a Strongroom server, and is a proxy in between?',
      { status: response.status },
    );
  }
}

/** 128 random bits in hex. Not `randomUUID`: browsers offer that on secure pages only. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The innermost code, such as ECONNREFUSED: says what happened and holds nothing of the request. */
function reasonOf(thrown: unknown): string {
  const code = (error: unknown): string | undefined => {
    if (!(error instanceof Error)) return undefined;
    const own = (error as { code?: unknown }).code;
    return code(error.cause) ?? (typeof own === 'string' ? own : undefined);
  };
  return code(thrown) ?? 'network error';
}

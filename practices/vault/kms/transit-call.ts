/** One request to a transit engine, and what its answers mean to us. */
import { readAtMost } from '#platform/at-most';
import type { Secret } from '#platform/crypto';

import { kmsFailure } from './failures.ts';

/** @returns the `data` member of the answer @throws KMS_* */
export type TransitCall = (method: 'GET' | 'POST', path: string, body?: object) => Promise<Record<string, unknown>>;

export type TransitCallNeeds = Readonly<{
  address: string;
  mount: string;
  namespace: string | null;
  /** Asked at every call, so that a renewed token is used as soon as it is there. */
  token: () => Secret<string> | null;
  timeoutMs: number;
}>;

const MAX_ANSWER_BYTES = 65_536;

export function transitCall({ address, mount, namespace, token, timeoutMs }: TransitCallNeeds): TransitCall {
  return async (method, path, body) => {
    const held = token();
    if (held === null) {
      throw kmsFailure('DENIED', { detail: 'there is no Vault token', hint: 'set STRONGROOM_VAULT_TOKEN' });
    }
    const headers = new Headers({ 'x-vault-request': 'true', 'x-vault-token': held.reveal() });
    if (namespace !== null) headers.set('x-vault-namespace', namespace);
    const request: RequestInit = { method, headers, redirect: 'error', signal: AbortSignal.timeout(timeoutMs) };
    if (body !== undefined) request.body = JSON.stringify(body);

    const { status, text } = await send(`${address}/v1/${mount}/${path}`, request);
    const answer = parse(text);
    if (status >= 200 && status < 300) {
      // rotating answers 204 on older versions
      return isObject(answer.data) ? answer.data : {};
    }
    throw refusal(status, Array.isArray(answer.errors) ? answer.errors.map(String) : []);
  };
}

async function send(url: string, request: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, request);
    // empty where it is longer than an answer of Vault
    return {
      status: response.status,
      text: (await readAtMost(response.body, MAX_ANSWER_BYTES))?.toString('utf8') ?? '',
    };
  } catch (error) {
    // not the error itself: what it quotes of the request is not ours to decide
    const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
    const why = (error as Error).name === 'TimeoutError' ? 'timeout' : typeof code === 'string' ? code : 'no answer';
    throw kmsFailure('UNREACHABLE', { detail: `Vault does not answer (${why})` });
  }
}

/** Vault says most of it in English only; its words are matched, and never passed on. */
function refusal(status: number, errors: readonly string[]): Error {
  const says = (text: string): boolean => errors.some((error) => error.includes(text));
  if (status === 403) return kmsFailure('DENIED', { detail: 'Vault refused our token or its policy' });
  if (status === 404 || says('encryption key not found')) return kmsFailure('KEY_MISSING');
  if (says('(too old)')) {
    return kmsFailure('DENIED', {
      detail: 'Vault no longer opens this version of the key',
      hint: 'lower min_decryption_version, unless the version was trimmed: then it is gone',
    });
  }
  if (says('version is too new') || says('larger than the latest key version')) return kmsFailure('WRONG_KEY');
  if (says('authentication failed') || says('invalid ciphertext') || says('could not decrypt') || says('base64')) {
    return kmsFailure('WRONG_CONTEXT');
  }
  if (status === 503) return kmsFailure('UNREACHABLE', { detail: 'Vault is sealed or in maintenance' });
  if (status === 429 || status >= 500) return kmsFailure('UNREACHABLE', { detail: `Vault answered ${status}` });
  return kmsFailure('ANSWER_MALFORMED', { detail: `Vault answered ${status}` });
}

function parse(text: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text);
    return isObject(found) ? found : {};
  } catch {
    return {};
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

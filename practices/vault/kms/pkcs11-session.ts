/** A logged-in session with one token: one operation at a time, opened again when the token dropped it. */
import type { Secret } from '#platform/crypto';
import { isFailure } from '#platform/failure';

import { kmsFailure } from './failures.ts';
import { CK, returnValueOf, type Handle, type Pkcs11 } from './pkcs11-binding.ts';

export type Pkcs11Session = Readonly<{
  /** @throws KMS_UNREACHABLE after `timeoutMs`, KMS_DENIED, KMS_CLOSED, or what `work` throws of the table */
  run: <T>(work: (session: Handle) => Promise<T>) => Promise<T>;
  close: () => void;
}>;

export type Pkcs11SessionNeeds = Readonly<{
  pkcs11: Pkcs11;
  /** The token's label. */
  token: string;
  pin: () => Secret<string> | null;
  timeoutMs: number;
}>;

const DROPPED =
  /^CKR_(SESSION_(CLOSED|HANDLE_INVALID)|USER_NOT_LOGGED_IN|DEVICE_REMOVED|TOKEN_NOT_PRESENT|CRYPTOKI_NOT_INITIALIZED)$/;
const DENIED =
  /^CKR_(PIN_|USER_PIN|ACTION_PROHIBITED|KEY_FUNCTION_NOT_PERMITTED|SESSION_READ_ONLY|TOKEN_WRITE_PROTECTED)/;

export function pkcs11Session({ pkcs11, token, pin, timeoutMs }: Pkcs11SessionNeeds): Pkcs11Session {
  let held: Handle | null = null;
  let closed = false;
  let tail: Promise<unknown> = Promise.resolve();

  const attempt = async <T>(work: (session: Handle) => Promise<T>, again: boolean): Promise<T> => {
    // after the queue: what waited while we were closed is not done any more
    if (closed) throw kmsFailure('CLOSED');
    try {
      held ??= openSession(pkcs11, token, pin);
      return await work(held);
    } catch (error) {
      if (isFailure(error)) throw error;
      const value = returnValueOf(error);
      if (!DROPPED.test(value)) throw refusal(value);
      held = null;
      if (!again) throw refusal(value);
      return attempt(work, false);
    }
  };

  return {
    run: async (work) => {
      if (closed) throw kmsFailure('CLOSED');
      const turn = tail.then(() => attempt(work, true));
      tail = turn.catch(() => {});
      return inTime(turn, timeoutMs);
    },
    close: () => {
      if (closed) return;
      closed = true;
      // behind what is running; and never C_Logout or C_Finalize, which would end the other sessions of this process
      tail = tail.then(() => {
        if (held !== null) pkcs11.C_CloseSession(held);
      });
      tail.catch(() => {});
    },
  };
}

function openSession(pkcs11: Pkcs11, token: string, pin: () => Secret<string> | null): Handle {
  // tokens pad their label with blanks to 32 characters
  const slot = pkcs11
    .C_GetSlotList(true)
    .find((one) => pkcs11.C_GetTokenInfo(one).label.replace(/[ \0]+$/, '') === token);
  if (slot === undefined) {
    throw kmsFailure('UNREACHABLE', {
      detail: 'no token of this label is present',
      hint: 'check the token and its label',
    });
  }
  const session = pkcs11.C_OpenSession(slot, CK.CKF_SERIAL_SESSION | CK.CKF_RW_SESSION);
  try {
    const held = pin();
    if (held === null) throw kmsFailure('DENIED', { detail: 'there is no PIN', hint: 'set STRONGROOM_PKCS11_PIN' });
    pkcs11.C_Login(session, CK.CKU_USER, held.reveal());
  } catch (error) {
    // a process logs in once for all its sessions with a token
    if (returnValueOf(error) === 'CKR_USER_ALREADY_LOGGED_IN') return session;
    pkcs11.C_CloseSession(session);
    throw error;
  }
  return session;
}

async function inTime<T>(turn: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, refuse) => {
    timer = setTimeout(
      () => refuse(kmsFailure('UNREACHABLE', { detail: 'the token does not answer (timeout)' })),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([turn, late]);
  } finally {
    clearTimeout(timer);
  }
}

function refusal(value: string): Error {
  if (DENIED.test(value)) return kmsFailure('DENIED', { detail: `the token refused (${value})` });
  return kmsFailure('UNREACHABLE', { detail: `the token failed (${value === '' ? 'no return value' : value})` });
}

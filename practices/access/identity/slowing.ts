/**
 * Slows down who guesses: by account and by address, counted in the database for all servers, before anything is checked.
 * Accounts that do not exist are slowed down like those that do. After 100 failures in a row a password is shut until an
 * administrator gives a new link (SP 800-63B-4 §3.2.2); passkeys are not, so nobody is locked out by somebody else.
 */
import type { Db } from '#platform/db';
import { neighbourhood } from '#platform/networks';

import { accessFailure } from '../failures.ts';
import { clearAttempts, countAttempt, failuresOf, uncountAttempt, type Slowing } from '../store/factors.ts';
import type { IdentityKeys } from './identity-keys.ts';

const ACCOUNT: Slowing = { free: 5, longestSeconds: 900 };
/** Many people may come from one address. */
const ADDRESS: Slowing = { free: 30, longestSeconds: 900 };
export const SHUT_AFTER = 100;

export type Attempt = Readonly<{
  /** True when the account is shut: whatever was brought, the answer is no. */
  shut: boolean;
  succeeded: () => Promise<void>;
}>;
/** @throws ACCESS_SLOW_DOWN with the seconds to wait */
export type BeginAttempt = (account: string, address: string) => Promise<Attempt>;

export function createSlowing(db: Db, { nameless }: IdentityKeys): BeginAttempt {
  return async (account, address) => {
    const [byAddress, byAccount] = [nameless('address\0', neighbourhood(address)), nameless('account\0', account)];
    for (const [what, slowing] of [
      [byAddress, ADDRESS],
      [byAccount, ACCOUNT],
    ] as const) {
      const waitSeconds = await countAttempt(db, what, slowing);
      if (waitSeconds !== null) throw accessFailure('SLOW_DOWN', { extra: { retryAfterSeconds: waitSeconds } });
    }
    return {
      shut: (await failuresOf(db, byAccount)) > SHUT_AFTER,
      succeeded: async () => {
        await clearAttempts(db, byAccount);
        await uncountAttempt(db, byAddress);
      },
    };
  };
}

/** What an administrator's new link does beside: the account may be tried again. */
export const openAccount = (db: Db, { nameless }: IdentityKeys, account: string): Promise<void> =>
  clearAttempts(db, nameless('account\0', account));

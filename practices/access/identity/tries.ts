/**
 * Limits on the ways in where no account is known before it is proven: passkeys, the provider, links, logout tokens,
 * bearers. What is counted are attempts of one address that did not lead in, for a quarter of an hour, in the database for
 * all servers; whoever comes in takes theirs back, so that a whole office may sign in from one address. What others do
 * elsewhere slows nobody down. Where accounts are named, slowing.ts counts those too.
 */
import type { Db } from '#platform/db';

import { accessFailure } from '../failures.ts';
import { countTry, uncountTries } from '../store/tries.ts';
import type { IdentityKeys } from './identity-keys.ts';

const SECONDS = 900;
const MOST = {
  passkey: 300,
  provider: 300,
  /** Each costs a hash of a password where the link is good. */
  link: 60,
  /** All of them come from the one provider. */
  logout: 600,
  /** Keys and tokens in a header. */
  bearer: 600,
} as const;
export type Way = keyof typeof MOST;
/** Addresses that this process knows to be over the limit; more are not remembered, and are counted again. */
const MOST_REMEMBERED = 10_000;

export type Try = Readonly<{
  /** @param steps how many were counted on the way */
  succeeded: (steps?: number) => Promise<void>;
}>;
export type Tries = Readonly<{
  /** Before anything is looked at. @param whom an address or a person @throws ACCESS_SLOW_DOWN */
  begin: (way: Way, whom: string) => Promise<Try>;
  /**
   * After it failed: who is good is never kept out, which a secret of 256 bits can afford, so nobody is by a neighbour
   * behind the same address. @throws ACCESS_SLOW_DOWN
   */
  failed: (way: Way, whom: string) => Promise<void>;
}>;

export function createTries({
  db,
  clock,
  nameless,
}: Readonly<{ db: Db; clock: () => Date }> & Pick<IdentityKeys, 'nameless'>): Tries {
  const over = new Map<string, number>();
  const slowDown = (seconds: number) => accessFailure('SLOW_DOWN', { extra: { retryAfterSeconds: seconds } });
  const what = (way: Way, whom: string): Buffer => nameless(`way ${way}\0`, whom);
  /** @returns the window that it was counted in */
  const count = async (way: Way, whom: string): Promise<string> => {
    const name = `${way} ${whom}`;
    const leftMs = (over.get(name) ?? 0) - clock().getTime();
    // a flood costs no statement each; a clock that stepped back asks the database again
    if (leftMs > 0 && leftMs <= SECONDS * 1000) throw slowDown(Math.ceil(leftMs / 1000));
    const { tries, seconds, until } = await countTry(db, what(way, whom), { most: MOST[way], seconds: SECONDS });
    if (tries <= MOST[way]) return until;
    if (over.size >= MOST_REMEMBERED) over.clear();
    over.set(name, clock().getTime() + seconds * 1000);
    throw slowDown(seconds);
  };
  return {
    begin: async (way, whom) => {
      const until = await count(way, whom);
      return { succeeded: (steps = 1) => uncountTries(db, what(way, whom), steps, until) };
    },
    failed: async (way, whom) => void (await count(way, whom)),
  };
}

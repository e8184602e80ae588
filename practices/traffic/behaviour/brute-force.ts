/**
 * Many failed log-ins: at one account (brute force), or at many accounts from one address (credential stuffing); and the
 * log-in that worked after them.
 *
 * Windows open with the first failure: at worst, what lies across two windows must be nearly twice as much to be noticed.
 * Honest life that comes near: somebody who has forgotten a password (five tries, then it works) and an office behind one
 * address (many accounts, of which most get in).
 * False-positive budget: one a month for each thousand accounts, by a client that goes on with an old password.
 */
import { HOUR, LATE_MS, MINUTE } from './clock.ts';
import { attemptOf, type Attempt } from './attempts.ts';
import { createDistinct, hashOf, type Distinct } from './distinct.ts';
import { allHeld, createKeyed } from './keyed.ts';
import { remember } from './usual.ts';
import { alertOf, entityOf, keepUid, utc, type Watch } from './watch.ts';
import type { TrafficEvent } from '../event.ts';

export type BruteForceOptions = Readonly<{
  most: number;
  salt?: number;
  /** Failures at one account within ten minutes. */
  failures?: number;
  /** Different accounts that failed from one address within an hour. */
  accounts?: number;
  /** Of an address's log-ins, above which it is an office. */
  honestShare?: number;
}>;

/** `lately`: hashes of the addresses that failed last. */
type AtAccount = {
  lately: number[];
  saidWorked: boolean;
  from: number;
  failed: number;
  said: boolean;
  addresses: Distinct;
  uids: string[];
};
type AtAddress = { from: number; failed: number; worked: number; said: boolean; accounts: Distinct; uids: string[] };

const RULE = 'behaviour.brute-force';
const STUFFING = 'behaviour.credential-stuffing';
const WORKED = 'behaviour.log-in-after-failures';
const ACCOUNT_MS = 10 * MINUTE;
const ADDRESS_MS = HOUR;

export function bruteForceWatch(options: BruteForceOptions): Watch {
  const { most, salt = 0, failures = 10, accounts: manyAccounts = 15, honestShare = 0.3 } = options;
  const accounts = createKeyed<AtAccount>(most);
  const addresses = createKeyed<AtAddress>(most);

  const atAccount = (event: TrafficEvent, { source, account, address, worked }: Attempt, time: number) => {
    if (account === undefined) return null;
    const key = `${source}|${account}`;
    let state = accounts.get(key);
    if (state === undefined || time > state.from + ACCOUNT_MS || time < state.from - LATE_MS) {
      if (worked) return null;
      state = {
        from: time,
        failed: 0,
        said: false,
        saidWorked: false,
        addresses: createDistinct(),
        lately: [],
        uids: [],
      };
      accounts.set(key, state);
    }
    keepUid(state.uids, event);
    if (worked) {
      if (state.failed < failures || state.saidWorked) {
        // who has remembered the password begins anew
        if (state.failed < failures) state.failed = 0;
        return null;
      }
      state.saidWorked = true;
      const guessed = address === undefined || state.lately.includes(hashOf(address, salt));
      return said(event, time, {
        rule: WORKED,
        title: 'A log-in worked after many that failed',
        severity: guessed ? 'critical' : 'medium',
        key: `account=${account}`,
        window: state.from,
        events: [...state.uids],
        reason:
          `The log-in of ${account} worked after ${state.failed} that failed since ${utc(state.from)}, ` +
          (guessed
            ? 'from an address that had failed: it may have been guessed.'
            : 'from another address than those that failed last: it may be the owner, or who has guessed it elsewhere.'),
        measure: { name: 'failed log-ins before', value: state.failed, usual: 0, limit: failures },
        attack: ['T1110.001', 'T1078'],
      });
    }
    state.failed += 1;
    if (address !== undefined) {
      const hash = hashOf(address, salt);
      state.addresses.add(hash);
      if (state.lately.at(-1) !== hash) remember(state.lately, hash, 16);
    }
    if (state.said || state.failed < failures) return null;
    state.said = true;
    return said(event, time, {
      rule: RULE,
      title: 'Many failed log-ins at one account',
      severity: 'medium',
      key: `account=${account}`,
      window: state.from,
      events: [...state.uids],
      reason:
        `${state.failed} log-ins of ${account} failed since ${utc(state.from)}, ` +
        `from ${state.addresses.count()} addresses; ${failures} within ten minutes are too many.`,
      measure: { name: 'failed log-ins in ten minutes', value: state.failed, usual: 0, limit: failures },
      attack: ['T1110.001'],
    });
  };

  const atAddress = (event: TrafficEvent, { source, account, address, worked }: Attempt, time: number) => {
    if (address === undefined) return null;
    const key = `${source}|${address}`;
    let state = addresses.get(key);
    if (state === undefined || time > state.from + ADDRESS_MS || time < state.from - LATE_MS) {
      state = { from: time, failed: 0, worked: 0, said: false, accounts: createDistinct(), uids: [] };
      addresses.set(key, state);
    }
    keepUid(state.uids, event);
    if (worked) state.worked += 1;
    else {
      state.failed += 1;
      if (account !== undefined) state.accounts.add(hashOf(account, salt));
    }
    const share = state.worked / (state.worked + state.failed);
    if (state.said || worked || state.accounts.count() < manyAccounts || share > honestShare) return null;
    state.said = true;
    const tried = state.accounts.count();
    return said(event, time, {
      rule: STUFFING,
      title: 'Many accounts tried from one address',
      severity: state.worked > 0 ? 'high' : 'medium',
      key: `address=${address}`,
      window: state.from,
      events: [...state.uids],
      reason:
        `From ${address} ${tried} different accounts failed to log in since ${utc(state.from)}; ` +
        `${state.worked} of ${state.worked + state.failed} log-ins worked.`,
      measure: { name: 'accounts that failed in an hour', value: tried, usual: 0, limit: manyAccounts },
      attack: ['T1110.004'],
    });
  };

  return {
    rule: RULE,
    classes: ['authentication'],
    windowMs: ADDRESS_MS + LATE_MS,
    feed: (event, time, say) => {
      const attempt = attemptOf(event);
      if (attempt === null) return;
      const one = atAccount(event, attempt, time);
      if (one !== null) say(one);
      const many = atAddress(event, attempt, time);
      if (many !== null) say(many);
    },
    held: () => allHeld([accounts.held(), addresses.held()]),
  };
}

const said = (
  event: TrafficEvent,
  time: number,
  saying: Omit<Parameters<typeof alertOf>[0], 'entity' | 'time'>,
): ReturnType<typeof alertOf> => alertOf({ ...saying, entity: entityOf(event), time });

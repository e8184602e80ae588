/** What a control test works with: somebody to be, somebody to attack, and words to say what was seen. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Db } from '#platform/db';

import { CannotTell, type Aspect } from './control-test.ts';
import type { Desk } from './desk.ts';
import type { LogBook } from './log-book.ts';
import { canaryTexts, hasMark } from './canary-texts.ts';
import type { Answer, Client, Wire } from './wire.ts';
import type { Canary, RunnerKey, World } from './world.ts';

export type Seen = Readonly<{ aspect: Aspect; ok: boolean; because: string }>;

export type Kit = Readonly<{
  world: World;
  desk: Desk;
  wire: Wire;
  log: LogBook;
  /** In a role, by a key that reaches canaries alone. @throws CannotTell where the policies have no such role */
  as: (role: string) => Client;
  nobody: Client;
  withKey: (key: RunnerKey | string) => Client;
  keyOf: (role: string) => RunnerKey;
  /** One of this test's own. */
  canary: () => Canary;
  /** Every text of all canaries, each at least eight characters: what is never to be found where it has no business. */
  texts: readonly string[];
  /** As the runner's own role of the database. @throws CannotTell where there is none */
  sql: () => Db;
  /** What comes before and after each test, by this clock. @throws CannotTell where the runner and the system do not agree */
  beat: (clock: () => Date) => Promise<string>;

  prevented: (ok: boolean, because: string) => void;
  detected: (ok: boolean, because: string) => void;
  recorded: (ok: boolean, because: string) => void;
  /** Refused, and nothing of a canary in it. */
  denied: (answer: Answer, statuses?: readonly number[]) => void;
  /** Nothing of a canary in it. */
  without: (text: string, where: string) => void;
  /** In the log, in an entry of that action and outcome that is proven to be in the signed tree. */
  inLog: (answer: Answer, wanted: Readonly<{ action?: string; outcome?: string }>) => Promise<void>;
  /** An alarm of one of these rules about this actor, within these seconds. */
  alarmed: (rules: readonly string[], about: string, withinSeconds: number) => Promise<void>;
  /** Waits until it holds. @returns whether it did in time */
  until: (holds: () => Promise<boolean>, seconds: number) => Promise<boolean>;
}>;

export type KitNeeds = Readonly<{
  world: World;
  desk: Desk;
  wire: Wire;
  log: LogBook;
  canaries: readonly Canary[];
  sql: () => Db;
  beat: Kit['beat'];
  saw: (seen: Seen) => void;
}>;

const REFUSED = [401, 403, 404] as const;
const EVERY_MS = 250;

export function createKit({ world, desk, wire, log, canaries, sql, beat, saw }: KitNeeds): Kit {
  const mine = [...canaries];
  const texts = canaryTexts(world.canaries);
  const keyOf = (role: string): RunnerKey => {
    const key = world.keys.find((each) => each.role === role);
    if (key === undefined) throw new CannotTell(`the policies have no role ${role}`);
    return key;
  };
  const withKey = (key: RunnerKey | string): Client =>
    typeof key === 'string' ? wire.client('a forged key', key) : wire.client(key.role, key.key);
  const say = (aspect: Aspect) => (ok: boolean, because: string): void => saw({ aspect, ok, because }); // prettier-ignore
  const prevented = say('prevented');
  const without = (text: string, where: string): void => {
    // hundreds of texts, looked for in megabytes of answers that mostly have nothing made up in them
    const found = hasMark(text) ? texts.filter((each) => text.includes(each)).length : 0;
    prevented(found === 0, `${found} texts of canaries in ${where}`);
  };
  const until: Kit['until'] = async (holds, seconds) => {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      if (await holds()) return true;
      if (Date.now() > end) return false;
      await sleep(EVERY_MS);
    }
  };
  const security = (): Client => withKey(keyOf('security'));
  return {
    world,
    desk,
    wire,
    log,
    as: (role) => withKey(keyOf(role)),
    nobody: wire.client('nobody', null),
    withKey,
    keyOf,
    canary: () => {
      const next = mine.shift();
      if (next === undefined) throw new CannotTell('no canary is left for this test');
      return next;
    },
    texts,
    sql,
    beat,
    prevented,
    detected: say('detected'),
    recorded: say('recorded'),
    denied: (answer, statuses = REFUSED) => {
      prevented(statuses.includes(answer.status), `${answer.method} ${answer.path} was answered with ${answer.status}`);
      without(answer.text, `the answer to ${answer.method} ${answer.path}`);
    },
    without,
    inLog: async (answer, { action, outcome }) => {
      const what = `${action ?? 'entry'}${outcome === undefined ? '' : ` ${outcome}`} of ${answer.method} ${answer.path}`;
      const fits = (entry: Readonly<Record<string, unknown>>): boolean =>
        entry.requestId === answer.requestId &&
        (action === undefined || entry.action === action) &&
        (outcome === undefined || entry.outcome === outcome);
      const found = await log.find(fits);
      if (found === null) return say('recorded')(false, `no ${what} in the log`);
      say('recorded')(await log.isProven(found.index, found.entry), `${what}: its proof does not lead to the signed tree`);
    },
    alarmed: async (rules, about, withinSeconds) => {
      let read = 0;
      const told = await until(async () => {
        const { status, json } = await security()('GET', '/v1/traffic/cases?limit=100');
        if (status !== 200) throw new CannotTell(`cases cannot be read: ${status}`);
        const cases = (json?.cases ?? []) as readonly Readonly<Record<string, unknown>>[];
        read = cases.length;
        return cases.some((each) => {
          const text = JSON.stringify(each);
          return text.includes(about) && rules.some((rule) => text.includes(rule));
        });
      }, withinSeconds);
      say('detected')(told, `none of ${read} cases is of ${rules.join(' or ')} about ${about} after ${withinSeconds} s`);
    },
    until,
  }; // prettier-ignore
}

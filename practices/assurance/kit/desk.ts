/**
 * What a runner cannot do by itself, since its keys write nothing: the server does it for it, on canaries alone, by the same
 * ways as for anybody.
 */
import type { Canary, CanaryPerson } from './world.ts';

export type Desk = Readonly<{
  /** Erases a canary as a customer is erased. @returns index of the entry that it stands in */
  erase: (canary: Canary) => Promise<number>;
  /** Says that the canary restricts all processing, or lifts it. */
  restrict: (canary: Canary, state: 'on' | 'off') => Promise<void>;
  /** Says no to a purpose, in the canary's name; `given` says yes. */
  consent: (canary: Canary, purpose: string, state: 'given' | 'withdrawn') => Promise<void>;
  /** Plants one that is over in a moment, waits for it, and takes away what is due. */
  expire: () => Promise<Canary>;
  /** Stores a record of the canaries' collection, as a program does. @returns what became of it, and the code of a refusal */
  put: (fields: Readonly<Record<string, unknown>>) => Promise<Readonly<{ status: string; code: string | null }>>;
  /** Nothing can be written to the audit log for so long: as when its disk stalls. */
  stall: (ms: number) => Promise<void>;
  /** For so long there is no room for what has to be written: as when the disk is full. Ten seconds at most. */
  fill: (ms: number) => Promise<void>;
  /** For so long no mail server answers; a mail to somebody who was made up is queued. @returns its id */
  mailTo: (ms: number) => Promise<string>;
  /** `way`: by `smtp`, or `held` where no server is set; `told`: what somebody who looks is told of it; null: nothing. */
  mailOf: (id: string) => Promise<Readonly<{ way: string; state: string; attempts: number; told: string | null }>>;
  /** @returns whether it was still there */
  takeBackMail: (id: string) => Promise<boolean>;
  /** Rows that the vault still has of a canary: all, or of its one record, whether it may be read or not. */
  rowsLeft: (canary: Canary, of: 'person' | 'record') => Promise<number>;
  /** Says that the canary is honey: nobody has a reason to touch it. */
  honey: (canary: Canary) => Promise<void>;
  /** A member of staff who has yet to come in, without any training, in this role. */
  person: (role: string) => Promise<CanaryPerson>;
  /** Ends the key, as an administrator does. */
  revoke: (keyId: string) => Promise<void>;
  /** A new key of this role, for canaries alone. */
  key: (role: string) => Promise<Readonly<{ id: string; key: string; role: string }>>;
  /** Harms the stored bytes of canaries, or mends them again. */
  damage: (canary: Canary, how: Damage) => Promise<void>;
  /** What a part of the system says of itself; no customer is in it. */
  standing: (of: Standing) => Promise<Readonly<Record<string, unknown>>>;
}>;
/** `swap`: with the canary after it. */
export type Damage = 'flip' | 'swap' | 'mend';
/** `advisories`: newest load of known weaknesses; `backups`, `drills`: the newest good one; `stored`: objects of backups, read back; `notice`: what is published; `settings`: where it listens. */
export type Standing = 'advisories' | 'backups' | 'drills' | 'stored' | 'notice' | 'settings';

const NAMES: Readonly<Record<keyof Desk, true>> = {
  erase: true, restrict: true, consent: true, expire: true, honey: true, person: true, revoke: true, key: true, damage: true, standing: true, put: true, stall: true, rowsLeft: true, fill: true, mailTo: true, mailOf: true, takeBackMail: true,
}; // prettier-ignore
export const isDeskName = (name: string): name is keyof Desk => Object.hasOwn(NAMES, name);

/** A desk whose every call is carried elsewhere. */
export function deskOver(carry: (name: keyof Desk, args: readonly unknown[]) => Promise<unknown>): Desk {
  const calls = Object.keys(NAMES).map((name) => [
    name,
    (...args: readonly unknown[]) => carry(name as keyof Desk, args),
  ]);
  return Object.fromEntries(calls) as Desk;
}

/**
 * The fact `volume`: how many different customers somebody opened in a while, counted with the very read that is decided.
 *
 * Counted is who acts, so that two keys or sessions of one person are one. All of it is in the database, under its clock,
 * and nothing in memory: servers count together, and one that starts anew knows what was before. It costs nothing where no
 * policy of the role looks at it, and where all was opened a moment ago one statement that writes nothing.
 *
 * INVARIANT: nothing is opened that was not written down before; who is refused has opened nothing.
 */
import { hash } from 'node:crypto';

import type { Db } from '#platform/db';
import { subjectIdText, type SubjectId } from '#platform/ids';

import { READING_ACTIONS, type Action } from './actions.ts';
import { whoActs, type Actor } from './decide.ts';
import type { Engine } from './engine.ts';
import type { Facts } from './facts.ts';
import { foreseeOpened, noteOpened, sweepOpened, type OpenedWindow } from './store/opened.ts';

/** From so many different customers within so many minutes on. */
export type VolumeLimits = Readonly<{ minutes: number; high: number; extreme: number }>;
export type Volume = Readonly<{
  /**
   * Who reads, as policies see them with these subjects among those that they opened. What they are let in to is written
   * down before this returns.
   * @param allows whether they would be, being so
   */
  reading: (
    actor: Actor,
    action: Action,
    subjects: readonly SubjectId[],
    allows: (actor: Actor) => boolean,
  ) => Promise<Actor>;
  sweep: () => Promise<void>;
}>;
export type VolumeNeeds = Readonly<{
  db: Db;
  limits: VolumeLimits;
  /** What the actor is under. */
  engineOf: (actor: Actor) => Engine | undefined;
}>;

export const VOLUME_LIMITS: VolumeLimits = { minutes: 60, high: 300, extreme: 1000 };
/** An opening counts for the window, and a slot more at most. */
const SLOTS = 16;

export function createVolume({ db, limits, engineOf }: VolumeNeeds): Volume {
  const { minutes, high, extreme } = limits;
  const window: OpenedWindow = { seconds: minutes * 60, slotSeconds: (minutes * 60) / SLOTS, most: extreme };
  const volumeOf = ({ stricter }: Actor, opened: number): Facts['volume'] => {
    // for who fell for exercises again, each counts as two
    const counted = stricter?.halfRows === true ? 2 * opened : opened;
    return counted >= extreme ? 'extreme' : counted >= high ? 'high' : 'normal';
  };
  const matters = (actor: Actor, action: Action): boolean => {
    const engine = engineOf(actor);
    return engine?.looksAtFact('volume') === true && engine.looksAt(actor.role, action).includes('volume');
  };
  return {
    reading: async (actor, action, subjects, allows) => {
      if (!READING_ACTIONS.includes(action) || !matters(actor, action)) return actor;
      const who = whoActs(actor);
      const whats = [...new Set(subjects.map((each) => nameFor(who, each)))];
      const { opened, noted } = await foreseeOpened(db, who, whats, window);
      const foreseen = { ...actor, volume: volumeOf(actor, opened) };
      if (noted || !allows(foreseen)) return foreseen;
      return { ...actor, volume: volumeOf(actor, await noteOpened(db, who, whats, window)) };
    },
    sweep: () => sweepOpened(db, window),
  };
}

/** 128 bits, in hex: the same subject under another's name is another one. */
const nameFor = (who: string, subject: SubjectId): string =>
  hash('sha256', `strongroom/opened/1 ${who} ${subjectIdText(subject)}`, 'hex').slice(0, 32);

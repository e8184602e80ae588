/** Who was made up, in memory: asked at each read by a runner's key, and never for anybody else's. */
import type { Db } from '#platform/db';
import type { SubjectId, Uuid } from '#platform/ids';

import { canariesOf, insertCanaries, knownCanaries, markGone } from '../store/canaries.ts';

export type CanarySet = Readonly<{
  /** INVARIANT: whom it does not know is nobody's canary, and a runner's key is refused there. */
  isCanary: (subject: SubjectId) => boolean;
  /** Written down before anything is asked about them. */
  add: (runId: Uuid, subjects: readonly SubjectId[]) => Promise<void>;
  /** Those that other servers planted. */
  refresh: () => Promise<void>;
  of: (runId: Uuid) => Promise<SubjectId[]>;
  gone: (subjects: readonly SubjectId[]) => Promise<void>;
}>;

export function createCanarySet(db: Db): CanarySet {
  let known: ReadonlySet<string> = new Set();
  return {
    isCanary: (subject) => known.has(subject),
    add: async (runId, subjects) => {
      await insertCanaries(db, runId, subjects);
      known = new Set([...known, ...subjects]);
    },
    refresh: async () => {
      known = new Set(await knownCanaries(db));
    },
    of: (runId) => canariesOf(db, runId),
    gone: (subjects) => markGone(db, subjects),
  };
}

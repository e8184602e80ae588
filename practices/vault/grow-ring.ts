/** Grows a subject's key ring as a write needs it: keys for new classes, newer keys for old ones. */
import type { Tx } from '#platform/db';
import type { SubjectId } from '#platform/ids';

import { fenceEpochs, type Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { countSeals, updateRing, type LockedRing } from './store/rings.ts';
import { newestKey, type OpenRing, type StoredRing } from './subject-keys.ts';
import type { KeyClass } from './types.ts';

/** Seals under one key: far below the birthday bound of 96-bit nonces (docs/formats/sealed-field.md §2). */
const MAX_SEALS = 2n ** 28n;

/** A ring with a key for each class in use, new ones where the newest is too old or for another cipher than now. */
export async function growRing(
  core: Core,
  tx: Tx,
  subjectId: SubjectId,
  held: LockedRing,
  used: ReadonlySet<KeyClass>,
  seals: number,
): Promise<{ ring: OpenRing; stored: StoredRing }> {
  let ring = await core.keys.open(subjectId, held.ring);
  let stored = held.ring;
  const oldest = Math.floor(core.clock().getTime() / 86_400_000) - core.dekDays;
  const stale = [...used].filter((each) => {
    const newest = newestKey(ring, each);
    return newest !== undefined && (newest.madeOnDay <= oldest || newest.suite !== core.suiteFor(each));
  });
  const grown = stale.length > 0 ? core.keys.renew(subjectId, ring, stale) : null;
  if (grown !== null) ({ ring, stored } = grown);
  const extended = core.keys.extend(subjectId, ring, used);
  if (extended !== null) ({ ring, stored } = extended);
  if (stored === held.ring) {
    if ((await countSeals(tx, subjectId, seals)) > MAX_SEALS) throw vaultFailure('SEALS_EXHAUSTED');
  } else {
    await fenceEpochs(core, tx, { rings: [stored] });
    await updateRing(tx, { subjectId, ring: stored }, seals);
  }
  return { ring, stored };
}

/** What is about a subject outside of records: sealed under a key of the subject, so that erasing the subject erases it too. */
import { lengthPrefixed } from '#platform/crypto';
import { transact } from '#platform/db';
import { isFailure } from '#platform/failure';
import { uuidBytes, type SubjectId } from '#platform/ids';

import { openCommitted, sealCommitted } from './committed.ts';
import type { Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { growRing } from './grow-ring.ts';
import { sealingFailure } from './sealing-failures.ts';
import { ringOf } from './store/consents.ts';
import { lockRings } from './store/rings.ts';
import { newestKey, type OpenRing } from './subject-keys.ts';
import type { DataKey } from './types.ts';

const placeOf = ({ installation }: Core, use: string, subjectId: SubjectId): Buffer =>
  lengthPrefixed(`strongroom/${use}/1`, uuidBytes(installation), uuidBytes(subjectId));

/** @throws VAULT_SUBJECT_NOT_FOUND */
export const sealPersonal = async (core: Core, subjectId: SubjectId, bytes: Uint8Array): Promise<Buffer> =>
  (await sealFor(core, subjectId, 'audit-personal', [bytes]))[0] as Buffer;

/** @param use what it is part of: sealed for one use it does not open for another @throws VAULT_SUBJECT_NOT_FOUND */
export async function sealFor(
  core: Core,
  subjectId: SubjectId,
  use: string,
  plains: readonly Uint8Array[],
): Promise<Buffer[]> {
  return transact(core.db, async (tx) => {
    const held = (await lockRings(tx, [subjectId])).get(subjectId);
    if (held === undefined) throw vaultFailure('SUBJECT_NOT_FOUND');
    const { ring } = await growRing(core, tx, subjectId, held, new Set(['audit']), plains.length);
    const key = newestKey(ring, 'audit') as DataKey;
    const place = placeOf(core, use, subjectId);
    return plains.map((bytes) => sealCommitted(key.aes, bytes, place));
  });
}

/**
 * The commitment in front names the one key it opens under, so each of the subject's keys is tried.
 * @returns in order; null when the subject is not there any more
 * @throws SEALING_COMMITTED_REFUSED when one was changed, or was sealed for another use or subject
 */
export async function openFor(
  core: Core,
  subjectId: SubjectId,
  use: string,
  sealed: readonly Uint8Array[],
): Promise<Buffer[] | null> {
  const stored = await ringOf(core.db, subjectId);
  if (stored === null) return null;
  const ring = await core.keys.open(subjectId, stored);
  const place = placeOf(core, use, subjectId);
  return sealed.map((each) => openOne(ring, each, place));
}

function openOne(ring: OpenRing, sealed: Uint8Array, place: Uint8Array): Buffer {
  for (const key of ring.keys) {
    if (key.keyClass !== 'audit') continue;
    try {
      return openCommitted(key.aes, sealed, place);
    } catch (thrown) {
      if (!isFailure(thrown, 'SEALING_COMMITTED_REFUSED')) throw thrown;
    }
  }
  throw sealingFailure('COMMITTED_REFUSED');
}

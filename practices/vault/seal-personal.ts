/** Seals what is personal in an audit entry under a key of its subject, so that erasing the subject erases it too. */
import { lengthPrefixed } from '#platform/crypto';
import { transact } from '#platform/db';
import { uuidBytes, type SubjectId } from '#platform/ids';

import { sealCommitted } from './committed.ts';
import type { Core } from './core.ts';
import { vaultFailure } from './failures.ts';
import { growRing } from './grow-ring.ts';
import { lockRings } from './store/records.ts';
import { newestKey } from './subject-keys.ts';
import type { DataKey } from './types.ts';

/** @throws VAULT_SUBJECT_NOT_FOUND */
export async function sealPersonal(core: Core, subjectId: SubjectId, bytes: Uint8Array): Promise<Uint8Array> {
  return transact(core.db, async (tx) => {
    const held = (await lockRings(tx, [subjectId])).get(subjectId);
    if (held === undefined) throw vaultFailure('SUBJECT_NOT_FOUND');
    const { ring } = await growRing(core, tx, subjectId, held, new Set(['audit']), 1);
    const key = newestKey(ring, 'audit') as DataKey;
    const place = lengthPrefixed('strongroom/audit-personal/1', uuidBytes(core.installation), uuidBytes(subjectId));
    return sealCommitted(key.aes, bytes, place);
  });
}

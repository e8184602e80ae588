/** A key comes into being: its secret is shown once, what is kept is a hash. */
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, publicId, uuidv7 } from '#platform/ids';
import type { DataClass } from '#practices/collection';

import type { Actor } from './decide.ts';
import type { CanaryKey, LogKey, MadeKey, NewKey } from './key-actor.ts';
import { hashOf, makeKey } from './key-secret.ts';
import { insertKey } from './store/keys.ts';

/** @returns null when there is one already that there may be only one of */
export type InsertNewKey = (
  tx: Statements,
  by: Pick<Actor, 'id' | 'person'>,
  kind: 'service' | 'staff',
  wanted: NewKey & Readonly<{ canariesOnly?: boolean }>,
) => Promise<MadeKey | null>;

export const newKeys =
  (clock: () => Date): InsertNewKey =>
  async (tx, by, kind, wanted) => {
    const key = makeKey();
    const now = clock().getTime();
    const keyId = uuidv7(now);
    const expiresAt = wanted.expiresInDays === undefined ? null : new Date(now + wanted.expiresInDays * 86_400_000);
    const inserted = await insertKey(tx, {
      key_id: keyId,
      hash: hashOf(key),
      name: wanted.name,
      kind,
      role: wanted.role,
      purposes: [...(wanted.purposes ?? [])],
      classes: [...(wanted.classes ?? [])] as DataClass[],
      collections: [...(wanted.collections ?? [])],
      created_by: by.id,
      expires_at: expiresAt,
      person_id: by.person === undefined ? null : parsePublicId('per', by.person),
      networks: [...(wanted.networks ?? [])],
      certificate: wanted.certificate === undefined ? null : Buffer.from(wanted.certificate, 'base64url'),
      canaries_only: wanted.canariesOnly === true,
    });
    return inserted ? { id: publicId('key', keyId), key, role: wanted.role, expiresAt } : null;
  };

/** For a run of the assurance practice (canary-keys.ts). */
export const canaryKeys =
  (db: Db, insert: InsertNewKey) =>
  ({ minutes, ...wanted }: CanaryKey, log: LogKey): Promise<MadeKey> =>
    transact(db, async (tx) => {
      const key = { ...wanted, name: `assurance ${wanted.role}`, expiresInDays: minutes / 1440, canariesOnly: true };
      const made = (await insert(tx, { id: 'assurance' }, 'service', key)) as MadeKey;
      await log(tx, made.id);
      return made;
    });

/**
 * The vault's keys as a backup keeps them: epoch keys and identities out of their wrapping, for sealing to offline
 * recipients. Whoever restores them on another machine wraps them under the root that is there, so that a lost provider of
 * root keys loses nothing. Source: docs/formats/backup.md §5
 */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { KEY_USES, type EpochState, type KeyUse } from './epochs.ts';
import { vaultFailure } from './failures.ts';
import { identityContext } from './identities.ts';
import type { Kms } from './kms/kms.ts';
import type { Foundation } from './open-vault.ts';
import { epochContext } from './epochs.ts';
import { epochRows, epochsOfRings, findIdentity, identityNames, insertIdentity, putEpoch } from './store/keys.ts';

export type EscrowedEpoch = Readonly<{
  use: KeyUse;
  epoch: number;
  state: EpochState;
  createdAt: string;
  key: string | null;
}>;
/** Keys in base64: the text is as secret as they are. */
export type Escrow = Readonly<{
  format: 'strongroom/escrow/1';
  installation: Uuid;
  epochs: readonly EscrowedEpoch[];
  identities: readonly Readonly<{ name: string; bytes: string }>[];
}>;

/**
 * @param tx the very snapshot that the key rings are read from: a rotation that ends meanwhile destroys the epochs they
 *   stand under, here they are still wrapped
 */
export async function takeEscrow({ kms, installation }: Foundation, tx: Statements): Promise<Escrow> {
  const epochs: EscrowedEpoch[] = [];
  for (const row of await epochRows(tx)) {
    const { use, epoch, state, createdAt, wrapped } = row;
    const key =
      wrapped === null
        ? null
        : await (use === 'second' ? kms.second : kms.first).unwrap(wrapped, epochContext(installation, use, epoch));
    epochs.push({ use, epoch, state, createdAt: createdAt.toISOString(), key: key === null ? null : taken(key) });
  }
  const identities: { name: string; bytes: string }[] = [];
  for (const name of await identityNames(tx)) {
    const wrapped = await findIdentity(tx, name);
    if (wrapped !== null)
      identities.push({ name, bytes: taken(await kms.first.unwrap(wrapped, identityContext(installation, name))) });
  }
  return { format: 'strongroom/escrow/1', installation, epochs, identities };
}

/**
 * Puts them into an empty vault, wrapped under the roots that are here.
 * @param escrows oldest first: the newest holds. A key that was destroyed since is taken from an older one only where rings
 *   that came back still stand under it: the machine was lost while they were moved off it
 * @throws VAULT_FORMAT_UNKNOWN
 */
export async function putEscrow(
  { db, kms }: { db: Statements; kms: { first: Kms; second: Kms } },
  escrows: readonly Escrow[],
): Promise<void> {
  const newest = escrows.at(-1);
  if (newest === undefined || escrows.some(({ format }) => format !== 'strongroom/escrow/1'))
    throw vaultFailure('FORMAT_UNKNOWN');
  const escrow = await withKeysInUse(db, newest, escrows.slice(0, -1));
  const { installation } = escrow;
  for (const { use, epoch, state, createdAt, key } of escrow.epochs) {
    if (!KEY_USES.includes(use)) throw vaultFailure('FORMAT_UNKNOWN');
    const bytes = key === null ? null : Buffer.from(key, 'base64');
    const root = use === 'second' ? kms.second : kms.first;
    const wrapped = bytes === null ? null : await root.wrap(bytes, epochContext(installation, use, epoch));
    bytes?.fill(0);
    await putEpoch(db, { use, epoch, state, wrapped, createdAt: new Date(createdAt) });
  }
  for (const { name, bytes: text } of escrow.identities) {
    const bytes = Buffer.from(text, 'base64');
    await insertIdentity(db, name, await kms.first.wrap(bytes, identityContext(installation, name)));
    bytes.fill(0);
  }
}

async function withKeysInUse(db: Statements, newest: Escrow, older: readonly Escrow[]): Promise<Escrow> {
  const inUse = older.length === 0 ? new Set() : new Set(await epochsOfRings(db));
  const epochs = newest.epochs.map((each): EscrowedEpoch => {
    if (each.key !== null || !inUse.has(`${each.use}/${each.epoch}`)) return each;
    const known = older
      .flatMap((one) => one.epochs)
      .findLast(({ use, epoch, key }) => use === each.use && epoch === each.epoch && key !== null);
    return known === undefined ? each : { ...known, state: 'retiring' };
  });
  return { ...newest, epochs };
}

function taken(key: Uint8Array): string {
  const text = Buffer.from(key).toString('base64');
  key.fill(0);
  return text;
}

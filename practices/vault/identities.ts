/** Private keys of the system itself, wrapped by the root: the log's signers, the intake key. Made once, kept for good. */
import type { Foundation } from './open-vault.ts';
import { findIdentity, insertIdentity } from './store/keys.ts';

/**
 * @param make a fresh private key as bytes, at most 4 KiB; called when there is none yet
 * @returns the same bytes on every server of this installation
 */
export async function openIdentity(
  { db, installation, kms }: Foundation,
  name: string,
  make: () => Uint8Array,
): Promise<Uint8Array> {
  const context = { system: 'strongroom', installation, identity: name };
  const known = await findIdentity(db, name);
  if (known !== null) return kms.first.unwrap(known, context);
  await insertIdentity(db, name, await kms.first.wrap(make(), context));
  const kept = await findIdentity(db, name);
  return kms.first.unwrap(kept as NonNullable<typeof kept>, context);
}

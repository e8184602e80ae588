/** Private keys of the system itself, wrapped by the root: the log's signers, the intake key. Made once, kept for good. */
import type { Uuid } from '#platform/ids';

import type { Core } from './core.ts';
import type { Foundation } from './open-vault.ts';
import { findIdentity, identityNames, insertIdentity, rewrapIdentity } from './store/keys.ts';

/** What the root authenticates with an identity. */
export const identityContext = (installation: Uuid, name: string) => ({
  system: 'strongroom',
  installation,
  identity: name,
});

/**
 * @param make a fresh private key as bytes, at most 4 KiB; called when there is none yet
 * @returns the same bytes on every server of this installation
 */
export async function openIdentity(
  { db, installation, kms }: Foundation,
  name: string,
  make: () => Uint8Array,
): Promise<Uint8Array> {
  const context = identityContext(installation, name);
  const known = await findIdentity(db, name);
  if (known !== null) return kms.first.unwrap(known, context);
  await insertIdentity(db, name, await kms.first.wrap(make(), context));
  const kept = await findIdentity(db, name);
  return kms.first.unwrap(kept as NonNullable<typeof kept>, context);
}

/** Wraps every identity anew under the provider's newest root key. @returns how many */
export async function rewrapIdentities({ db, installation, root }: Core): Promise<number> {
  const names = await identityNames(db);
  for (const name of names) {
    const wrapped = await findIdentity(db, name);
    // an intake key may have ended meanwhile
    if (wrapped === null) continue;
    const context = identityContext(installation, name);
    const bytes = await root.unwrap(wrapped, context);
    await rewrapIdentity(db, name, await root.wrap(bytes, context));
    bytes.fill(0);
  }
  return names.length;
}

/** The door of the vault: sealed records, keys, search, tokens. */
export type { Caller } from './core.ts';
export { createFieldCipher } from './envelope.ts';
export { vaultFailure } from './failures.ts';
export { openCore, openFoundation, type Foundation } from './open-vault.ts';
export { protectFile } from './kms/file.ts';
export { openKms } from './kms/open-kms.ts';
export { combineShares, splitSecret } from './kms/shamir.ts';
export { vaultRoutes } from './http/index.ts';
export { openIdentity } from './identities.ts';
export { rootsInUse } from './store/keys.ts';
export { beginReindex, storedParts } from './catalog-change.ts';
export { isEmpty } from './store/parts.ts';
export { findCandidates } from './search.ts';
export { sealPersonal } from './seal-personal.ts';
export type { DataKey } from './types.ts';
export { createVault, type Vault } from './vault.ts';

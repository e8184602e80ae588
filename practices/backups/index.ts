/** The door of backups: sealed copies in stores that are not believed, and restores that forget whom we forgot. */
export { refreshPublications } from './changes/slot.ts';
export { createBackups, type Backups, type BackupsNeeds } from './backups.ts';
export { createDrills, type Drills } from './drill/drills.ts';
export type { DrillAsk, Runner } from './drill/drill.ts';
export { backupsFailure } from './failures.ts';
export { backupsRoutes } from './http.ts';
export { ceremonySheet, sheetPdf, sheetText } from './keys/ceremony.ts';
export {
  combineIdentity,
  makeIdentity,
  recipientFingerprint,
  recipientOf,
  splitIdentity,
  type OfflineIdentity,
} from './keys/identity.ts';
export type { GonePart, PartsSince } from './ledger-parts.ts';
export { LEFT_OUT, PLANES } from './planes.ts';
export { KEEPING } from './retention.ts';
export {
  isKept,
  restore,
  type Attestation,
  type CanaryProof,
  type Restored,
  type RestoreNeeds,
} from './restore/restore.ts';
export { createSealer } from './sealing/sealer.ts';
export { openDocument, signerFromSeed, SIGNER_SEED_BYTES, type Signer } from './signed.ts';
export { backupNags } from './standing.ts';
export { createStores } from './stores.ts';
export { openTarget } from './targets/open-target.ts';

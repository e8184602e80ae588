/** The audit log: append-only, tamper-evident, provable offline. */
import type { auditRoutes as AuditRoutes } from './http.ts';

export { createAudit, type Audit, type AuditNeeds, type AuditStatus } from './audit.ts';
export { canonicalJson, type Json } from './canonical-json.ts';
export { compareHeads, entriesBetween } from './compare.ts';
export type { AuditEvent } from './event.ts';
export { auditFailure } from './failures.ts';
export type { WitnessNeeds } from './publish.ts';
export { logKeys, type LogSigner } from './signers.ts';
export { trustOf, type Trust, type TrustedHead } from './trust.ts';
export { logStanding, type LogStanding } from './standing.ts';
export { stallLog } from './store.ts';
export { verifyLog, type LogSource, type VerifyReport } from './verify.ts';
export { subjectPseudonym } from './entry.ts';

/** Loads what routes are described with, which commands and runners that only write or verify have no use for. */
export const auditRoutes = async (...given: Parameters<typeof AuditRoutes>): Promise<void> =>
  (await import('./http.ts')).auditRoutes(...given);

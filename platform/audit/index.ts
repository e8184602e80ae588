/** The audit log: append-only, tamper-evident, provable offline. */
export { createAudit, type Audit, type AuditNeeds } from './audit.ts';
export type { AuditEvent } from './event.ts';
export { auditFailure } from './failures.ts';
export { auditRoutes } from './http.ts';
export { verifyLog, type LogSource, type VerifyReport } from './verify.ts';
export { subjectPseudonym } from './entry.ts';
export { decodeBundle, tilePath } from './tiles.ts';

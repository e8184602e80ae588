/** Who does it, as the log names them. */
import type { AuditEvent } from '#platform/audit';

export type By = Readonly<{ actor: AuditEvent['actor']; person?: string | undefined; requestId: string }>;

/**
 * What the other parts hand to the log. No customer's value belongs in it; what is personal goes in `personal`, sealed.
 */
import type { SubjectId } from '#platform/ids';

export type AuditEvent = Readonly<{
  /** `vault.read`, `access.denied`: practice, dot, verb. */
  action: string;
  actor: Readonly<{ kind: 'service' | 'staff' | 'system' | 'subject'; id: string; role?: string | undefined }>;
  purpose?: string | undefined;
  subjects?: readonly SubjectId[] | undefined;
  classes?: readonly string[] | undefined;
  decision?:
    | Readonly<{
        allow: boolean;
        policies: readonly string[];
        policyVersion: string;
        /** Time-limited permissions without which it would have been less. */
        grants?: readonly string[];
      }>
    | undefined;
  outcome: 'done' | 'denied' | 'failed';
  detail?: Readonly<Record<string, string | number | boolean | readonly string[]>> | undefined;
  personal?: Readonly<{ subjectId: SubjectId; text: string }> | undefined;
  requestId?: string | undefined;
}>;

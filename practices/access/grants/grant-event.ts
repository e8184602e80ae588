/** The log's entry of a step of a grant. What was written as reason stays in the table: it may be about a customer. */
import type { AuditEvent } from '#platform/audit';
import { parseSubjectId } from '#platform/ids';

import type { Actor } from '../decide.ts';
import type { GrantView } from './grant-view.ts';
import { isOfExercise } from './within.ts';

export type By = Readonly<{ actor: Actor; requestId?: string | undefined }>;

export function grantEvent(by: By | null, verb: string, grant: GrantView): AuditEvent {
  const { purpose, classes, subjects, reads, seconds } = grant.scope;
  return {
    action: `access.grant.${verb}`,
    actor:
      by === null ? { kind: 'system', id: 'grants' } : { kind: by.actor.kind, id: by.actor.id, role: by.actor.role },
    purpose,
    subjects: subjects.flatMap((each) => parseSubjectId(each) ?? []),
    classes,
    outcome: 'done',
    detail: {
      grant: grant.id,
      kind: grant.kind,
      state: grant.state,
      scopeHash: grant.scopeHash,
      requestedBy: grant.requestedBy,
      reads,
      seconds,
      approvals: grant.approvals.length,
      // who gave it is told that it is over before its time
      ...(verb === 'revoke' ? { approvedBy: grant.approvals.map(({ approver }) => approver) } : {}),
      // of made-up customers: it is told to nobody
      ...(by !== null && isOfExercise(by.actor, subjects) ? { exercise: true } : {}),
      ...(grant.extends === null ? {} : { extends: grant.extends }),
      ...(grant.incident === null ? {} : { incident: grant.incident }),
      ...(verb === 'break-glass' ? { alarm: true } : {}),
    },
    requestId: by?.requestId,
  };
}

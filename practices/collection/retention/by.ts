/** Who asks for something, and who that is as a person: two keys of one person are one. */
import type { AuditEvent } from '#platform/audit';
import type { Actor } from '#practices/access';

export type By = Readonly<{ actor: Actor; requestId: string }>;

export const whoOf = ({ actor }: By): string => actor.person ?? actor.id;
export const eventBy = ({ actor: { kind, id, role }, requestId }: By): Pick<AuditEvent, 'actor' | 'requestId'> => ({
  actor: { kind, id, role },
  requestId,
});

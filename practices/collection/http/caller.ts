/** What the routes of this practice share: who calls, and refusals that are in the log. */
import type { Audit, AuditEvent } from '#platform/audit';
import { isFailure } from '#platform/failure';
import type { Action, Actor } from '#practices/access';

export type Asked = object & { id: string };
export type Caller = Readonly<{
  audit: Pick<Audit, 'append' | 'appendIn'>;
  /** Any key and any session may know what is held; it is what a customer is told, too. */
  actorOf: (request: object) => Actor;
  /** Who may do this; a refusal is in the log before it is answered. @throws ACCESS_DENIED, ACCESS_STEP_UP */
  allowed: (request: Asked, action: Action) => Promise<Actor>;
}>;

/** Whose action it is in the log. */
export const eventActor = ({ kind, id, role }: Actor): AuditEvent['actor'] => ({ kind, id, role });

/** Does what may be refused for a reason of its own; such a refusal is in the log too. */
export async function refusalsLogged<T>(
  { audit }: Caller,
  what: { action: string; actor: Actor; request: Asked; detail: NonNullable<AuditEvent['detail']> },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (isFailure(thrown) && thrown.status < 500) {
      const { action, actor, request, detail } = what;
      const event = { action, actor: eventActor(actor), outcome: 'denied', requestId: request.id } as const;
      await audit.append({ ...event, detail: { ...detail, code: thrown.code } });
    }
    throw thrown;
  }
}

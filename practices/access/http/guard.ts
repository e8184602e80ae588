/** What the routes of this practice share: who calls, and refusals that are in the log. */
import type { Audit, AuditEvent } from '#platform/audit';
import { isFailure } from '#platform/failure';
import { addressOf } from '#platform/http';
import type { SubjectId } from '#platform/ids';
import { neighbourhood } from '#platform/networks';
import type { Catalog } from '#practices/collection';

import type { Access } from '../access.ts';
import type { Action } from '../actions.ts';
import type { Actor } from '../decide.ts';
import type { Reviews } from '../grants/reviews.ts';
import type { ExportRequests } from '../grants/export-requests.ts';
import type { RoleRequests } from '../grants/role-requests.ts';
import type { Usage } from '../grants/usage.ts';
import type { Notices } from '../notices/notices.ts';
import type { Identity } from '../identity/identity.ts';
import type { Try, Way } from '../identity/tries.ts';
import { refusal } from '../refusal.ts';
import type { FindSurroundings } from '../surroundings.ts';
import type { Training } from '../training.ts';
import type { SiteRules } from './cross-site.ts';

export type AccessHttpNeeds = {
  access: Access;
  audit: Audit;
  actorOf: (request: object) => Actor;
  catalog: () => Catalog;
  identity: Identity;
  site: SiteRules;
  surroundings: FindSurroundings;
  /** How a person stands with what the role asks for, at this moment. */
  trainingOf: (actor: Actor) => Promise<Training | undefined>;
  /** The same of somebody who is only asked about: nothing is written down for it. */
  trainingOfAsked: (actor: Actor) => Promise<Training>;
  /** Other policies hold from now on. */
  onPolicies: () => Promise<unknown>;
  usage: Usage;
  reviews: Reviews;
  exportRequests: ExportRequests;
  roleRequests: RoleRequests;
  notices: Notices;
  /** Clients are asked for certificates, so that a key can be bound to one. */
  asksForCertificates: boolean;
};
type Asked = object & { id: string };
type Detail = NonNullable<AuditEvent['detail']>;

/** Counts an attempt to come in, before anything is looked at. @throws ACCESS_SLOW_DOWN */
export const tryBy = (
  { identity }: Pick<AccessHttpNeeds, 'identity'>,
  way: Way,
  request: Readonly<{ ip: string }>,
): Promise<Try> => identity.tries.begin(way, neighbourhood(addressOf(request)));

/** Whose action it is in the log. */
export const eventActor = ({ kind, id, role }: Actor): AuditEvent['actor'] => ({ kind, id, role });

/** Decides; a refusal is in the log before it is answered. @param subject where it is about one @throws ACCESS_DENIED */
export async function allowedActor(
  { access, audit, actorOf }: Pick<AccessHttpNeeds, 'access' | 'audit' | 'actorOf'>,
  request: Asked,
  action: Action,
  subject?: SubjectId,
): Promise<Actor> {
  const actor = actorOf(request);
  const decision = access.decide({ actor, action, subject });
  const { allow, policies, policyVersion } = decision;
  if (allow) {
    access.acts(actor);
    return actor;
  }
  await audit.append({
    action: `access.${action}`,
    actor: eventActor(actor),
    outcome: 'denied',
    decision: { allow, policies, policyVersion },
    requestId: request.id,
  });
  throw refusal(decision);
}

/** Does what may be refused for a reason of its own; such a refusal is in the log too. */
export async function refusalsLogged<T>(
  { audit }: AccessHttpNeeds,
  what: { action: string; actor: Actor; request: Asked; detail: Detail },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (isFailure(thrown) && thrown.status < 500) {
      const { action, actor, request, detail } = what;
      await audit.append({
        action,
        actor: eventActor(actor),
        outcome: 'denied',
        detail: { ...detail, code: thrown.code },
        requestId: request.id,
      });
    }
    throw thrown;
  }
}

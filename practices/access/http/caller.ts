/** Who makes a request: by a key or a workload's token in its header, or by the cookie of a session. Never by both. */
import type { Audit } from '#platform/audit';
import { isFailure } from '#platform/failure';
import { addressOf, type CertificateOf } from '#platform/http';
import { neighbourhood } from '#platform/networks';

import type { Access } from '../access.ts';
import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import type { Identity } from '../identity/identity.ts';
import type { Stricter } from '../stricter.ts';
import type { FindSurroundings } from '../surroundings.ts';
import { isLimited } from '../identity/assurance.ts';
import { isOwnSite, type SiteRules } from './cross-site.ts';
import { isPerson, type Training } from '../training.ts';
import { readCookie } from './session-cookie.ts';

type Request = Readonly<{
  id: string;
  ip: string;
  method: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}> &
  Parameters<CertificateOf>[0];
export type CallerNeeds = Readonly<{
  access: Pick<Access, 'authenticate' | 'renew'>;
  identity: Pick<Identity, 'sessions' | 'tries' | 'workloads'>;
  site: SiteRules;
  audit: Pick<Audit, 'append'>;
  certificateOf: CertificateOf;
  surroundings: FindSurroundings;
  /** What is asked of a person beyond what the policies say; null: nothing. */
  stricterOf?: ((person: string) => Promise<Stricter | null>) | undefined;
  /** How a person stands with what the role asks for, at this moment. */
  trainingOf: (actor: Actor) => Promise<Training | undefined>;
}>;

export type Callers = Readonly<{
  /**
   * @param opens what the route is for: `limited`, also for a session that has shown one factor alone
   * @throws ACCESS_UNAUTHENTICATED, ACCESS_CROSS_SITE, ACCESS_ENROL_FIRST
   */
  authenticate: (request: Request, opens?: 'whole' | 'limited') => Promise<Actor>;
  /** The same actor as it is now. @throws ACCESS_UNAUTHENTICATED, ACCESS_ENROL_FIRST */
  renew: (actor: Actor) => Promise<Actor>;
}>;

const STOLEN = [
  ['ACCESS_KEY_ELSEWHERE', 'access.key.elsewhere'],
  ['ACCESS_CERTIFICATE_NEEDED', 'access.key.no-certificate'],
] as const;

export function createCallers(needs: CallerNeeds): Callers {
  const { access, identity, site, audit, certificateOf, surroundings, stricterOf } = needs;
  const trained = async (actor: Actor): Promise<Actor> =>
    isPerson(actor) ? { ...actor, training: await needs.trainingOf(actor) } : actor;
  const strictly = async ({ person, session }: Actor): Promise<Pick<Actor, 'stricter'>> => {
    const stricter = person === undefined || session === undefined ? null : await stricterOf?.(person);
    return stricter === null || stricter === undefined ? {} : { stricter };
  };
  const byKey = async (bearer: string, request: Request): Promise<Actor> => {
    try {
      return await access.authenticate(bearer, addressOf(request), certificateOf(request));
    } catch (thrown) {
      // a key that is good, in the wrong place or without its certificate: it may have been stolen, and somebody has to see that
      for (const [code, action] of STOLEN)
        if (isFailure(thrown, code))
          await audit.append({
            action,
            actor: { kind: 'service', id: String(thrown.extra.key) },
            outcome: 'denied',
            requestId: request.id,
          });
      throw thrown;
    }
  };
  /** Who guesses is told to wait; who is good comes in, whatever a neighbour does. */
  const byBearer = async (bearer: string, request: Request): Promise<Actor> => {
    try {
      return identity.workloads.isToken(bearer)
        ? await identity.workloads.authenticate(bearer, certificateOf(request))
        : await byKey(bearer, request);
    } catch (thrown) {
      if (isFailure(thrown, 'ACCESS_UNAUTHENTICATED'))
        await identity.tries.failed('bearer', neighbourhood(addressOf(request)));
      throw thrown;
    }
  };
  const found = async (request: Request): Promise<Actor> => {
    const { authorization, cookie } = request.headers as Record<string, string | undefined>;
    if (authorization !== undefined) {
      return byBearer(authorization.startsWith('Bearer ') ? authorization.slice(7) : '', request);
    }
    const token = readCookie(cookie, site);
    if (token === undefined) throw accessFailure('UNAUTHENTICATED');
    if (!isOwnSite(request, site, 'cookie')) throw accessFailure('CROSS_SITE');
    return identity.sessions.authenticate(token);
  };
  const asItIs = (actor: Actor): Promise<Actor> => {
    if (actor.session !== undefined) return identity.sessions.renew(actor);
    return actor.id.startsWith('wkl_') ? identity.workloads.renew(actor) : access.renew(actor);
  };
  return {
    authenticate: async (request, opens = 'whole') => {
      const actor = await found(request);
      // INVARIANT: every route asks here first, so a password alone opens nothing but what says that it is for that
      if (opens === 'whole' && isLimited(actor)) {
        const { kind, id, role } = actor;
        const detail = { code: 'ACCESS_ENROL_FIRST', session: actor.session?.id ?? '' };
        const about = { actor: { kind, id, role }, detail, requestId: request.id };
        await audit.append({ ...about, action: 'access.session.limited', outcome: 'denied' });
        throw accessFailure('ENROL_FIRST');
      }
      return {
        ...(await trained(actor)),
        ...(await strictly(actor)),
        surroundings: surroundings.at(addressOf(request)),
      };
    },
    renew: async (before) => {
      const actor = await asItIs(before);
      if (isLimited(actor)) throw accessFailure('ENROL_FIRST');
      return {
        ...(await trained(actor)),
        ...(await strictly(actor)),
        ...(before.surroundings === undefined ? {} : { surroundings: surroundings.again(before.surroundings) }),
      };
    },
  };
}

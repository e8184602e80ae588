/** Who makes a request: by a key in its header, or by the cookie of a session. Never by both. */
import type { Access } from '../access.ts';
import type { Actor } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import type { Identity } from '../identity/identity.ts';
import { isOwnSite, type SiteRules } from './cross-site.ts';
import { readCookie } from './session-cookie.ts';

type Request = Readonly<{ method: string; headers: Readonly<Record<string, string | string[] | undefined>> }>;
export type CallerNeeds = Readonly<{
  access: Pick<Access, 'authenticate' | 'renew'>;
  identity: Pick<Identity, 'sessions'>;
  site: SiteRules;
}>;

export type Callers = Readonly<{
  /** @throws ACCESS_UNAUTHENTICATED, ACCESS_CROSS_SITE */
  authenticate: (request: Request) => Promise<Actor>;
  /** The same actor as it is now. @throws ACCESS_UNAUTHENTICATED */
  renew: (actor: Actor) => Promise<Actor>;
}>;

export function createCallers({ access, identity, site }: CallerNeeds): Callers {
  return {
    authenticate: async (request) => {
      const { authorization, cookie } = request.headers as Record<string, string | undefined>;
      if (authorization !== undefined)
        return access.authenticate(authorization.startsWith('Bearer ') ? authorization.slice(7) : undefined);
      const token = readCookie(cookie, site);
      if (token === undefined) throw accessFailure('UNAUTHENTICATED');
      if (!isOwnSite(request, site, 'cookie')) throw accessFailure('CROSS_SITE');
      return identity.sessions.authenticate(token);
    },
    renew: (actor) => (actor.session === undefined ? access.renew(actor) : identity.sessions.renew(actor)),
  };
}

/** People who work with the system: invited, in roles, gone at once. Their own sessions live in browsers, by cookie. */
import type { BegunSession, Invitation, NewLink, Person, SessionEntry } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type NewPerson = Readonly<{ email: string; name: string; roles: readonly string[] }>;
export type Acceptance = Readonly<{ token: string; password: string; email?: string; name?: string }>;
export type People = {
  list: (options?: CallOptions) => Promise<Readonly<{ people: readonly Person[] }>>;
  /** The token lets the person in, once; it is not shown again. */
  invite: (person: NewPerson, options?: CallOptions) => Promise<Invitation>;
  /** A new link in place of the password (`kind: 'password'`), or of everything the person signed in with (`all`). */
  link: (id: string, how: NewLink, options?: CallOptions) => Promise<Invitation>;
  /** Chooses a password by a link. Needs no key. The first administrator says `email` and `name` too. */
  accept: (acceptance: Acceptance, options?: CallOptions) => Promise<BegunSession>;
  /** Ends the person's sessions. */
  setRoles: (id: string, roles: readonly string[], options?: CallOptions) => Promise<unknown>;
  /** At once, on every server. @param keys that the person made; `revoke` unless they are to live on */
  disable: (
    id: string,
    keys?: 'revoke' | 'keep',
    options?: CallOptions,
  ) => Promise<Readonly<{ livingKeys: readonly string[] }>>;
  enable: (id: string, options?: CallOptions) => Promise<unknown>;
  sessions: (id: string, options?: CallOptions) => Promise<Readonly<{ sessions: readonly SessionEntry[] }>>;
  endSession: (id: string, session: string, options?: CallOptions) => Promise<unknown>;
};

export function createPeople({ json }: Transport): People {
  const path = '/v1/access/people';
  const of = (id: string): string => `${path}/${encodeURIComponent(id)}`;
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    invite: (person, options) => json({ method: 'POST', path, json: person, does: 'change' }, options),
    link: (id, how, options) => json({ method: 'POST', path: `${of(id)}/link`, json: how, does: 'change' }, options),
    accept: (acceptance, options) =>
      json({ method: 'POST', path: `${path}/accept`, json: acceptance, does: 'change' }, options),
    setRoles: (id, roles, options) =>
      json({ method: 'PUT', path: `${of(id)}/roles`, json: { roles }, does: 'change' }, options),
    disable: (id, keys = 'revoke', options) =>
      json({ method: 'POST', path: `${of(id)}/disable`, json: { keys }, does: 'change' }, options),
    enable: (id, options) => json({ method: 'POST', path: `${of(id)}/enable`, does: 'change' }, options),
    sessions: (id, options) => json({ method: 'GET', path: `${of(id)}/sessions`, does: 'read' }, options),
    endSession: (id, session, options) =>
      json({ method: 'DELETE', path: `${of(id)}/sessions/${encodeURIComponent(session)}`, does: 'change' }, options),
  };
}

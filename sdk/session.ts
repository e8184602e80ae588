/** One's own session and what one signs in with: for pages of the server itself (`session: true`); a program has a key. */
import type {
  BegunSession,
  Factors,
  RecoveryCodes,
  Session,
  SessionEntry,
  SignIn,
  StepUp,
  TotpOffer,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Sessions = {
  /** By password, and a code where the person has an authenticator app. The cookie is the session. */
  signIn: (who: SignIn, options?: CallOptions) => Promise<BegunSession>;
  /** Beside password and passkey: the host of the identity provider, where there is one. A browser goes to `/v1/access/session/oidc`. */
  waysIn: (options?: CallOptions) => Promise<Readonly<{ provider: string | null }>>;
  current: (options?: CallOptions) => Promise<Session>;
  /** `next`: the page that signs out of the identity provider too, where the session began there. */
  signOut: (options?: CallOptions) => Promise<Readonly<{ next?: string }> | undefined>;
  /** Shows password and code again, where an answer with status 401 asks for it (RFC 9470). */
  stepUp: (shown: StepUp, options?: CallOptions) => Promise<unknown>;
  /** One role is active at a time. */
  actAs: (role: string, options?: CallOptions) => Promise<unknown>;
  list: (options?: CallOptions) => Promise<Readonly<{ sessions: readonly SessionEntry[] }>>;
  end: (id: string, options?: CallOptions) => Promise<unknown>;
  endOthers: (options?: CallOptions) => Promise<Readonly<{ ended: number }>>;
};
export type OwnFactors = {
  list: (options?: CallOptions) => Promise<Factors>;
  /** @param oldPassword who has none shows a passkey first (`passkeys.stepUp`) */
  changePassword: (password: string, oldPassword: string | undefined, options?: CallOptions) => Promise<unknown>;
  /** A secret for an authenticator app; it counts when a code of it was confirmed. */
  offerTotp: (options?: CallOptions) => Promise<TotpOffer>;
  confirmTotp: (code: string, options?: CallOptions) => Promise<RecoveryCodes>;
  removeTotp: (options?: CallOptions) => Promise<unknown>;
  newRecoveryCodes: (options?: CallOptions) => Promise<RecoveryCodes>;
};
const id = encodeURIComponent;

export function createSessions({ json }: Transport): Sessions {
  const path = '/v1/access/session';
  return {
    signIn: (who, options) => json({ method: 'POST', path, json: who, does: 'change' }, options),
    waysIn: (options) => json({ method: 'GET', path: `${path}/ways`, does: 'read' }, options),
    current: (options) => json({ method: 'GET', path, does: 'read' }, options),
    signOut: (options) => json({ method: 'DELETE', path, does: 'change' }, options),
    stepUp: (shown, options) => json({ method: 'POST', path: `${path}/step-up`, json: shown, does: 'change' }, options),
    actAs: (role, options) => json({ method: 'PUT', path: `${path}/role`, json: { role }, does: 'change' }, options),
    list: (options) => json({ method: 'GET', path: '/v1/access/sessions', does: 'read' }, options),
    end: (one, options) => json({ method: 'DELETE', path: `/v1/access/sessions/${id(one)}`, does: 'change' }, options),
    endOthers: (options) => json({ method: 'DELETE', path: '/v1/access/sessions', does: 'change' }, options),
  };
}

export function createFactors({ json }: Transport): OwnFactors {
  const path = '/v1/access/factors';
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    changePassword: (password, oldPassword, options) =>
      json(
        {
          method: 'PUT',
          path: `${path}/password`,
          json: { password, ...(oldPassword === undefined ? {} : { oldPassword }) },
          does: 'change',
        },
        options,
      ),
    offerTotp: (options) => json({ method: 'POST', path: `${path}/totp`, does: 'change' }, options),
    confirmTotp: (code, options) =>
      json({ method: 'POST', path: `${path}/totp/confirm`, json: { code }, does: 'change' }, options),
    removeTotp: (options) => json({ method: 'DELETE', path: `${path}/totp`, does: 'change' }, options),
    newRecoveryCodes: (options) => json({ method: 'POST', path: `${path}/recovery-codes`, does: 'change' }, options),
  };
}

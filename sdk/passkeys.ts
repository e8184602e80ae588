/**
 * Passkeys of the person whose page this is (`session: true`). Options and answers are WebAuthn's own JSON: hand the
 * options to `PublicKeyCredential.parse…OptionsFromJSON`, and the credential's `toJSON()` back.
 */
import type {
  AddedPasskey,
  BegunSession,
  Passkey,
  PasskeyAnswer,
  PasskeyAttestation,
  PasskeyOptions,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Passkeys = {
  /** Begins to sign in: nobody is asked for a name or a password. */
  signInOptions: (options?: CallOptions) => Promise<PasskeyOptions>;
  signIn: (response: PasskeyAnswer, options?: CallOptions) => Promise<BegunSession>;
  stepUpOptions: (options?: CallOptions) => Promise<PasskeyOptions>;
  stepUp: (response: PasskeyAnswer, options?: CallOptions) => Promise<unknown>;
  list: (options?: CallOptions) => Promise<Readonly<{ passkeys: readonly Passkey[] }>>;
  newOptions: (options?: CallOptions) => Promise<PasskeyOptions>;
  /** With the first one come recovery codes, shown this once. */
  add: (name: string, response: PasskeyAttestation, options?: CallOptions) => Promise<AddedPasskey>;
  remove: (id: string, options?: CallOptions) => Promise<unknown>;
};

export function createPasskeys({ json }: Transport): Passkeys {
  const session = '/v1/access/session';
  const factors = '/v1/access/factors/passkeys';
  const ask = (path: string, options?: CallOptions): Promise<PasskeyOptions> =>
    json({ method: 'POST', path, does: 'change' }, options);
  return {
    signInOptions: (options) => ask(`${session}/passkey/options`, options),
    signIn: (response, options) =>
      json({ method: 'POST', path: `${session}/passkey`, json: { response }, does: 'change' }, options),
    stepUpOptions: (options) => ask(`${session}/step-up/passkey/options`, options),
    stepUp: (response, options) =>
      json({ method: 'POST', path: `${session}/step-up/passkey`, json: { response }, does: 'change' }, options),
    list: (options) => json({ method: 'GET', path: factors, does: 'read' }, options),
    newOptions: (options) => ask(`${factors}/options`, options),
    add: (name, response, options) =>
      json({ method: 'POST', path: factors, json: { name, response }, does: 'change' }, options),
    remove: (id, options) =>
      json({ method: 'DELETE', path: `${factors}/${encodeURIComponent(id)}`, does: 'change' }, options),
  };
}

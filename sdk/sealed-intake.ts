/**
 * Intake over HTTP: fetch the vault's public key, hand in what was sealed to it. Sealing itself is in intake.ts.
 */
import type { CallOptions, Transport } from './transport.ts';

export type SealedIntake = {
  /** The key to seal to. Needs no API key of its own when the server publishes it. */
  key: (options?: CallOptions) => Promise<Readonly<Record<string, unknown>>>;
  /** Hands in an envelope. What carries it cannot read it. */
  submit: (envelope: unknown, options?: CallOptions) => Promise<Readonly<Record<string, unknown>>>;
};

export function createSealedIntake({ json }: Transport): SealedIntake {
  return {
    key: (options) => json({ method: 'GET', path: '/v1/vault/intake/key', does: 'read' }, options),
    submit: (envelope, options) =>
      json({ method: 'POST', path: '/v1/vault/intake', json: { envelope }, does: 'change' }, options),
  };
}

/**
 * Intake over HTTP: fetch the vault's public key, hand in what was sealed to it. Sealing itself is in intake.ts.
 */
import type { IntakeKeys, PublishedIntakeKey, ReceivedForm } from './contract.ts';
import { readIntakeKey, type IntakeKey } from './intake.ts';
import { clientProblem } from './problem.ts';
import type { CallOptions, Transport } from './transport.ts';

export type FetchedIntakeKey = IntakeKey &
  Readonly<{ /** As the server gave it, to be kept in a file. */ document: PublishedIntakeKey }>;

export type SealedIntake = {
  /**
   * The key to seal to. Needs no API key.
   * @param options.fingerprint what the vault's owner told you by another way: any other key is refused
   * @example
   * const key = await room.intake.key({ fingerprint });
   * const envelope = await sealForm(key, { collection: 'customer', purpose: 'service.support', fields: { last_name: 'Ada' } });
   */
  key: (options?: CallOptions & Readonly<{ fingerprint?: string | undefined }>) => Promise<FetchedIntakeKey>;
  /** Hands in an envelope, once. What carries it cannot read it. */
  submit: (envelope: Uint8Array, options?: CallOptions) => Promise<ReceivedForm>;
  /**
   * Publishes a new key at once. What was sealed to older ones is still opened; with `others: 'end'` it is not, and their
   * secrets are deleted. Needs the role custodian.
   */
  renew: (others?: 'keep' | 'end', options?: CallOptions) => Promise<PublishedIntakeKey>;
  /** The keys that envelopes are opened with, newest first, and until when. */
  keys: (options?: CallOptions) => Promise<IntakeKeys>;
};

export function createSealedIntake({ json }: Transport): SealedIntake {
  return {
    key: async (options = {}) => {
      const call = { method: 'GET', path: '/v1/vault/intake/key', does: 'read' } as const;
      const document = await json<PublishedIntakeKey>(call, options);
      try {
        return { ...(await readIntakeKey(document, options)), document };
      } catch (cause) {
        throw clientProblem('SDK_REFUSED', (cause as Error).message, 'seal nothing with this key', { cause });
      }
    },
    submit: (envelope, options) =>
      json({ method: 'POST', path: '/v1/vault/intake', body: Uint8Array.from(envelope), does: 'write' }, options),
    renew: (others = 'keep', options = {}) =>
      json({ method: 'POST', path: '/v1/vault/intake/keys', json: { others }, does: 'change' }, options),
    keys: (options) => json({ method: 'GET', path: '/v1/vault/intake/keys', does: 'read' }, options),
  };
}

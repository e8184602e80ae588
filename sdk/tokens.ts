/**
 * Tokens: something to keep and pass around in place of the value. Opening one is a read like any other.
 */
import type { CreatedToken, NewToken, OpenedToken } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Tokens = {
  /**
   * @example
   * const { token } = await room.tokens.create({ recordId, field: 'iban', kind: 'random', ttlSeconds: 3600, maxUses: 1 });
   */
  create: (token: NewToken, options?: CallOptions) => Promise<CreatedToken>;
  /** Open a token: a read like any other, and a use each time: where the answer is lost it is not sent again by itself. */
  open: (token: string, options?: CallOptions) => Promise<OpenedToken>;
};

export function createTokens({ json }: Transport): Tokens {
  return {
    create: (body, options) => json({ method: 'POST', path: '/v1/vault/tokens', json: body, does: 'change' }, options),
    open: (token, options) =>
      json({ method: 'POST', path: '/v1/vault/tokens/open', json: { token }, does: 'change' }, options),
  };
}

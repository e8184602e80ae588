/**
 * One-time codes of an authenticator app: 6 digits, 30 s, SHA-1 as all apps have it.
 *
 * A code opens once. The current step and the one before are taken, none that is to come. Source: RFC 6238 §4, §5.2
 */
import { HOTP, Secret, TOTP } from 'otpauth';

import { equal } from '#platform/crypto';

const PERIOD_SECONDS = 30;
const DIGITS = 6;
export const SECRET_BYTES = 20;

/** What the app is given, as base32 to type and as an address to show as a picture. */
export function totpOffer(secret: Buffer, account: string): { secret: string; uri: string } {
  const key = new Secret({ buffer: new Uint8Array(secret).buffer });
  const totp = new TOTP({ issuer: 'Strongroom', label: account, digits: DIGITS, period: PERIOD_SECONDS, secret: key });
  return { secret: key.base32, uri: totp.toString() };
}

/** @returns the code of a step, 6 digits */
export const codeAt = (secret: Buffer, step: bigint): string =>
  HOTP.generate({
    secret: new Secret({ buffer: new Uint8Array(secret).buffer }),
    algorithm: 'SHA1',
    digits: DIGITS,
    counter: Number(step),
  });

/** The step whose code this is, of the current one and the one before; null when it is neither's. */
export function stepOf(secret: Buffer, code: string, now: bigint): bigint | null {
  const given = Buffer.from(code);
  const [current, before] = [now, now - 1n].map((step) => equal(Buffer.from(codeAt(secret, step)), given));
  return current === true ? now : before === true ? now - 1n : null;
}

/** A software authenticator: ES256, no attestation (WebAuthn Level 3 §6.1, §6.5.1; CBOR of RFC 8949). */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export const PASSKEY_FLAGS = { PRESENT: 0x01, VERIFIED: 0x04, ATTESTED: 0x40 } as const;
const { PRESENT, VERIFIED, ATTESTED } = PASSKEY_FLAGS;

/** What a test has it say wrongly. */
export type SoftPasskeyQuirks = {
  flags?: number;
  origin?: string;
  rpId?: string;
  count?: number;
  type?: string;
  framed?: object;
};
export type SoftPasskey = ReturnType<typeof createSoftPasskey>;

/** Always there, always confirming: for tests and the demo, and for nobody's account. */
export function createSoftPasskey(site: Readonly<{ id: string; origin: string }>) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const id = randomBytes(16);
  let count = 0;
  const clientData = (type: string, challenge: string, quirks: SoftPasskeyQuirks): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: quirks.type ?? type,
        challenge,
        origin: quirks.origin ?? site.origin,
        crossOrigin: false,
        ...quirks.framed,
      }),
    );
  const authData = (flags: number, quirks: SoftPasskeyQuirks, attested: Buffer): Buffer => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(quirks.count ?? (count += 1));
    const rp = createHash('sha256')
      .update(quirks.rpId ?? site.id)
      .digest();
    return Buffer.concat([rp, Buffer.of(quirks.flags ?? flags), counter, attested]);
  };
  return {
    id,
    create: (challenge: string, quirks: SoftPasskeyQuirks = {}) => {
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.of(0, id.length), id, coseKey(publicKey)]);
      const data = authData(ATTESTED | VERIFIED | PRESENT, quirks, attested);
      const object = Buffer.concat([
        Buffer.of(0xa3), cborText('fmt'), cborText('none'), cborText('attStmt'), Buffer.of(0xa0), cborText('authData'), cborBytes(data),
      ]); // prettier-ignore
      return {
        ...named(id),
        response: {
          clientDataJSON: clientData('webauthn.create', challenge, quirks).toString('base64url'),
          attestationObject: object.toString('base64url'),
        },
      };
    },
    get: (challenge: string, quirks: SoftPasskeyQuirks = {}, key: KeyObject = privateKey) => {
      const data = authData(VERIFIED | PRESENT, quirks, Buffer.alloc(0));
      const client = clientData('webauthn.get', challenge, quirks);
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      return {
        ...named(id),
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', signed, key).toString('base64url'),
        },
      };
    },
  };
}
const named = (id: Buffer) => ({
  id: id.toString('base64url'),
  rawId: id.toString('base64url'),
  type: 'public-key' as const,
  clientExtensionResults: {},
});
const cborText = (text: string): Buffer => Buffer.concat([Buffer.of(0x60 | text.length), Buffer.from(text)]);
const cborBytes = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.of(0x59, bytes.length >> 8, bytes.length & 0xff), bytes]);
/** {1: 2, 3: -7, -1: 1, -2: x, -3: y} */
function coseKey(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const point = (label: number, text: string): Buffer =>
    Buffer.concat([Buffer.of(label, 0x58, 32), Buffer.from(text, 'base64url')]);
  return Buffer.concat([Buffer.of(0xa5, 1, 2, 3, 0x26, 0x20, 1), point(0x21, x), point(0x22, y)]);
}

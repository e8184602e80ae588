/** What passkeys.ts verifies with, against ceremonies that others made. */
import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';

import { ALGORITHMS, clientOf } from './passkeys.ts';

type Ceremony = Readonly<Record<string, string>>;
type Vector = { rpId: string; origin: string; credentialId: string; aaguid: string; registration: Ceremony; authentication: Ceremony; derivedFrom?: string }; // prettier-ignore
const read = (name: string): Vector =>
  JSON.parse(readFileSync(new URL(`../../../vectors/webauthn/${name}.json`, import.meta.url), 'utf8')) as Vector;
const NONE = read('es256-none');

const bytes = (hex = ''): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, 'hex'));
const web = (hex = ''): string => Buffer.from(hex, 'hex').toString('base64url');
const named = (vector: Vector) => ({
  id: web(vector.credentialId),
  rawId: web(vector.credentialId),
  type: 'public-key' as const,
});

const register = (vector: Vector, { challenge, clientDataJSON, attestationObject } = vector.registration, verified = false) =>
  verifyRegistrationResponse({
    expectedOrigin: vector.origin,
    expectedRPID: vector.rpId,
    expectedChallenge: web(challenge),
    requireUserVerification: verified,
    supportedAlgorithmIDs: ALGORITHMS,
    response: {
      ...named(vector),
      response: { clientDataJSON: web(clientDataJSON), attestationObject: web(attestationObject) },
      clientExtensionResults: {},
    },
  }); // prettier-ignore

async function authenticate(vector: Vector, ceremony: Ceremony = vector.authentication, verified = false) {
  const registered = await register(vector);
  assert.ok(registered.verified);
  const { challenge, clientDataJSON, authenticatorData, signature } = ceremony;
  return verifyAuthenticationResponse({
    expectedOrigin: vector.origin,
    expectedRPID: vector.rpId,
    expectedChallenge: web(challenge),
    requireUserVerification: verified,
    credential: registered.registrationInfo.credential,
    response: {
      ...named(vector),
      response: {
        clientDataJSON: web(clientDataJSON),
        authenticatorData: web(authenticatorData),
        signature: web(signature),
      },
      clientExtensionResults: {},
    },
  });
}

/** @param at index of the byte that changes */
async function fails(vector: Vector, field: 'authenticatorData' | 'signature', at: number): Promise<void> {
  const changed = bytes(vector.authentication[field]);
  changed[at] = (changed[at] as number) ^ 1;
  const ceremony = { ...vector.authentication, [field]: Buffer.from(changed).toString('hex') };
  const outcome = await authenticate(vector, ceremony).catch(() => ({ verified: false }));
  assert.equal(outcome.verified, false, `${vector.derivedFrom ?? ''} ${field}`);
}

test('ceremonies of WebAuthn Level 3 §16 verify, of each algorithm that we take, and not with a changed byte', async () => {
  for (const [name, format] of [
    ['es256-none', 'none'],
    ['es256-self', 'packed'],
    ['rs256-packed', 'packed'],
    ['eddsa-packed', 'packed'],
  ] as const) {
    const vector = read(name);
    const registered = await register(vector);
    assert.ok(registered.verified, name);
    assert.equal(registered.registrationInfo.fmt, format);
    assert.equal(registered.registrationInfo.credential.id, web(vector.credentialId));
    assert.equal(registered.registrationInfo.aaguid.replaceAll('-', ''), vector.aaguid);
    const answered = await authenticate(vector);
    assert.equal(answered.verified, true, name);
    assert.equal(answered.authenticationInfo.userVerified, false);
    // the last byte of the counter, and one inside of the signature
    await fails(vector, 'authenticatorData', 36);
    await fails(vector, 'signature', 60);
    const { registration, authentication } = vector;
    await assert.rejects(register(vector, { ...registration, challenge: authentication.challenge ?? '' }));
    await assert.rejects(authenticate(vector, { ...authentication, challenge: registration.challenge ?? '' }));
  }
});

test('a statement over the key that is not signed by what it names is refused', async () => {
  for (const name of ['es256-self', 'rs256-packed', 'eddsa-packed']) {
    const vector = read(name);
    // the credential's public key is at the end of what is signed
    const changed = bytes(vector.registration.attestationObject);
    changed[changed.length - 8] = (changed.at(-8) as number) ^ 1;
    const attestationObject = Buffer.from(changed).toString('hex');
    const outcome = await register(vector, { ...vector.registration, attestationObject }).catch(() => ({
      verified: false,
    }));
    assert.equal(outcome.verified, false, name);
  }
});

test('they are those of the specification: challenges and ids come of its seed', () => {
  // salts by their place in each section: challenge, aaguid, credential id
  for (const [name, aaguid, id] of [
    ['es256-self', 4, 5],
    ['es256-cross-origin', 4, 5],
    ['rs256-packed', 2, 3],
    ['eddsa-packed', 4, 5],
  ] as const) {
    const vector = read(name);
    const derived = (salt: number, length = 32): string =>
      Buffer.from(hkdfSync('sha256', 'WebAuthn test vectors', Buffer.of(salt), vector.derivedFrom ?? '', length)).toString('hex'); // prettier-ignore
    assert.equal(vector.registration.challenge, derived(0), name);
    assert.equal(vector.aaguid, derived(aaguid, 16), name);
    assert.equal(vector.credentialId, derived(id), name);
  }
});

test('a ceremony whose authenticator did not verify its user is refused as passkeys.ts asks', async () => {
  await assert.rejects(register(NONE, NONE.registration, true), /user verification/i);
  await assert.rejects(authenticate(NONE, NONE.authentication, true), /user verification/i);
});

test('the ceremony of §16.4 in a frame of another site is sound, and told from ours', async () => {
  const vector = read('es256-cross-origin');
  // the library lets it through: refusing it is ours (passkeys.test.ts)
  assert.equal((await authenticate(vector)).verified, true);
  assert.equal(clientOf(web(vector.registration.clientDataJSON)).framed, true);
  assert.equal(clientOf(web(vector.authentication.clientDataJSON)).framed, true);
  assert.deepEqual(clientOf(web(NONE.authentication.clientDataJSON)), { challenge: web(NONE.authentication.challenge), framed: false }); // prettier-ignore
});

/** What passkeys.ts verifies with, against a ceremony that others made. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';

type Ceremony = Readonly<Record<string, string>>;
const vector = JSON.parse(
  readFileSync(new URL('../../../vectors/webauthn/es256-none.json', import.meta.url), 'utf8'),
) as { rpId: string; origin: string; credentialId: string; aaguid: string; registration: Ceremony; authentication: Ceremony }; // prettier-ignore

const bytes = (hex = ''): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, 'hex'));
const web = (hex = ''): string => Buffer.from(hex, 'hex').toString('base64url');
const site = { expectedOrigin: vector.origin, expectedRPID: vector.rpId };
const named = { id: web(vector.credentialId), rawId: web(vector.credentialId), type: 'public-key' as const };

const register = ({ challenge, clientDataJSON, attestationObject } = vector.registration, verified = false) =>
  verifyRegistrationResponse({
    ...site,
    expectedChallenge: web(challenge),
    requireUserVerification: verified,
    response: {
      ...named,
      response: { clientDataJSON: web(clientDataJSON), attestationObject: web(attestationObject) },
      clientExtensionResults: {},
    },
  });

async function authenticate(ceremony: Ceremony = vector.authentication, verified = false) {
  const registered = await register();
  assert.ok(registered.verified);
  const { challenge, clientDataJSON, authenticatorData, signature } = ceremony;
  return verifyAuthenticationResponse({
    ...site,
    expectedChallenge: web(challenge),
    requireUserVerification: verified,
    credential: registered.registrationInfo.credential,
    response: {
      ...named,
      response: {
        clientDataJSON: web(clientDataJSON),
        authenticatorData: web(authenticatorData),
        signature: web(signature),
      },
      clientExtensionResults: {},
    },
  });
}

test('the ES256 ceremony of WebAuthn Level 3 §16.2 verifies, with what the specification says is in it', async () => {
  const registered = await register();

  assert.ok(registered.verified);
  assert.equal(registered.registrationInfo.credential.id, web(vector.credentialId));
  assert.equal(registered.registrationInfo.aaguid.replaceAll('-', ''), vector.aaguid);
  const answered = await authenticate();
  assert.equal(answered.verified, true);
  assert.equal(answered.authenticationInfo.userVerified, false);
});

test('the same ceremony, whose authenticator did not verify its user, is refused as passkeys.ts asks', async () => {
  await assert.rejects(register(vector.registration, true), /user verification/i);
  await assert.rejects(authenticate(vector.authentication, true), /user verification/i);
});

test('the same ceremony with another challenge or a changed byte does not verify', async () => {
  const { registration, authentication } = vector;
  await assert.rejects(register({ ...registration, challenge: authentication.challenge ?? '' }));
  await assert.rejects(authenticate({ ...authentication, challenge: registration.challenge ?? '' }));
  // the last byte of the counter, and one inside of the signature's second number
  for (const [name, at] of [
    ['authenticatorData', 36],
    ['signature', 60],
  ] as const) {
    const changed = bytes(authentication[name]);
    changed[at] = (changed[at] as number) ^ 1;
    const ceremony = { ...authentication, [name]: Buffer.from(changed).toString('hex') };
    const outcome = await authenticate(ceremony).catch(() => ({ verified: false }));
    assert.equal(outcome.verified, false, name);
  }
});

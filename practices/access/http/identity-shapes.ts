/** Shapes of people, sessions and factors on their way over HTTP. */
import Type from 'typebox';

export const PASSWORD = Type.String({ minLength: 1, maxLength: 1024 });
export const CODE = Type.String({ pattern: '^[0-9]{6}$' });
export const RECOVERY_CODE = Type.String({ minLength: 16, maxLength: 32 });
export const EMAIL = Type.String({ minLength: 3, maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' });
export const NAME = Type.String({ minLength: 1, maxLength: 100 });
export const TOKEN = Type.String({ minLength: 1, maxLength: 100 });
export const ROLES = Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { minItems: 1, maxItems: 20 });
/** How an administrator made sure whom they give a new link to: words of ours, so that no name gets into the log. */
export const IDENTIFIED_BY = Type.Enum(['in-person', 'video', 'call-back', 'document', 'colleague']);
/** What is shown beside a password, where there is a second factor. */
export const SHOWN = {
  password: PASSWORD,
  code: Type.Optional(CODE),
  recoveryCode: Type.Optional(RECOVERY_CODE),
};
export const BEGUN = Type.Object({
  id: Type.String(),
  person: Type.String(),
  role: Type.String(),
  aal: Type.Integer(),
  amr: Type.Array(Type.String()),
  expiresAt: Type.String(),
});
export const SESSION = Type.Object({
  id: Type.String(),
  role: Type.String(),
  device: Type.String(),
  zone: Type.String(),
  aal: Type.Integer(),
  amr: Type.Array(Type.String()),
  createdAt: Type.String(),
  seenAt: Type.String(),
  expiresAt: Type.String(),
});
export const PERSON = Type.Object({
  id: Type.String(),
  email: Type.String(),
  name: Type.String(),
  roles: Type.Array(Type.String()),
  groupRoles: Type.Array(Type.String()),
  withheldRoles: Type.Array(Type.String()),
  eligibleRoles: Type.Array(Type.String()),
  provisioned: Type.Boolean(),
  state: Type.Enum(['invited', 'active', 'disabled']),
  totp: Type.Boolean(),
  passkeys: Type.Integer(),
  sessions: Type.Integer(),
  createdAt: Type.String(),
});
export const INVITATION = Type.Object({ id: Type.String(), token: Type.String(), expiresAt: Type.String() });
export const RECOVERY_CODES = Type.Object({ recoveryCodes: Type.Array(Type.String()) });
export const PASSKEY = Type.Object({
  id: Type.String(),
  name: Type.String(),
  backedUp: Type.Boolean(),
  createdAt: Type.String(),
  usedAt: Type.Union([Type.String(), Type.Null()]),
});
/** As WebAuthn's `parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON` read them. */
export const WEBAUTHN_OPTIONS = Type.Object({ challenge: Type.String() }, { additionalProperties: true });
const BASE64URL = Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: 16_384 });
/** As `PublicKeyCredential.toJSON()` writes them. */
const CREDENTIAL = {
  id: BASE64URL,
  rawId: BASE64URL,
  type: Type.Literal('public-key'),
  clientExtensionResults: Type.Object({}, { additionalProperties: true }),
  authenticatorAttachment: Type.Optional(Type.Union([Type.String({ maxLength: 50 }), Type.Null()])),
};
export const ATTESTATION = Type.Object({
  ...CREDENTIAL,
  response: Type.Object({
    clientDataJSON: BASE64URL,
    attestationObject: BASE64URL,
    transports: Type.Optional(Type.Array(Type.String({ maxLength: 20 }), { maxItems: 10 })),
  }),
});
export const ANSWER = Type.Object({
  ...CREDENTIAL,
  response: Type.Object({
    clientDataJSON: BASE64URL,
    authenticatorData: BASE64URL,
    signature: BASE64URL,
    userHandle: Type.Optional(Type.Union([BASE64URL, Type.Null()])),
  }),
});

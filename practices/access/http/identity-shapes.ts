/** Shapes of people, sessions and factors on their way over HTTP. */
import Type from 'typebox';

export const PASSWORD = Type.String({ minLength: 1, maxLength: 1024 });
export const CODE = Type.String({ pattern: '^[0-9]{6}$' });
export const RECOVERY_CODE = Type.String({ minLength: 16, maxLength: 32 });
export const EMAIL = Type.String({ minLength: 3, maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' });
export const NAME = Type.String({ minLength: 1, maxLength: 100 });
export const TOKEN = Type.String({ minLength: 1, maxLength: 100 });
export const ROLES = Type.Array(Type.String({ minLength: 1, maxLength: 50 }), { minItems: 1, maxItems: 20 });
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
  state: Type.Enum(['invited', 'active', 'disabled']),
  totp: Type.Boolean(),
  sessions: Type.Integer(),
  createdAt: Type.String(),
});
export const INVITATION = Type.Object({ id: Type.String(), token: Type.String(), expiresAt: Type.String() });
export const RECOVERY_CODES = Type.Object({ recoveryCodes: Type.Array(Type.String()) });

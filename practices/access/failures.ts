import { failures } from '#platform/failure';

export const accessFailure = failures('ACCESS', {
  UNAUTHENTICATED: {
    status: 401,
    says: 'no valid key came with the request',
    hint: 'send Authorization: Bearer srk_… with a key that is neither expired nor revoked',
  },
  DENIED: {
    status: 403,
    says: 'this key may not do this',
    hint: 'GET /v1/access/whoami says what it may; ask an administrator for another role or scope',
  },
  ROLE_UNKNOWN: {
    status: 422,
    says: 'there is no such role',
    hint: 'the roles are listed in docs/practices/access.md',
  },
  SCOPE_INVALID: {
    status: 422,
    says: 'the scope names something that does not exist',
    hint: 'purposes and collections come from catalog.yaml; classes are public, internal, personal, sensitive, special',
  },
  KEY_NOT_FOUND: { status: 404, says: 'there is no such key', hint: 'GET /v1/access/keys lists them' },
} as const);

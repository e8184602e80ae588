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
    hint: 'GET /v1/access/policies/active lists the roles',
  },
  SCOPE_INVALID: {
    status: 422,
    says: 'the scope names something that does not exist',
    hint: 'purposes and collections come from catalog.yaml; classes are public, internal, personal, sensitive, special',
  },
  KEY_NOT_FOUND: { status: 404, says: 'there is no such key', hint: 'GET /v1/access/keys lists them' },
  POLICY_INVALID: {
    status: 422,
    says: 'the policies cannot be used',
    hint: '`faults` says which policy, why, and what to do',
  },
  POLICY_UNSAFE: {
    status: 422,
    says: 'the policies break a rule that always holds',
    hint: '`broken` says which rule and by whom',
  },
  POLICY_NOT_FOUND: {
    status: 404,
    says: 'there is no such version of the policies',
    hint: 'GET /v1/access/policies lists them',
  },
  POLICY_STATE: {
    status: 409,
    says: 'the version is not in the state this needs',
    hint: 'draft, validated, approved, active: one after the other, and each once',
  },
  POLICY_CHANGED: {
    status: 409,
    says: 'this is not what was looked at',
    hint: 'read the version again; approval names the hash of what it approves',
  },
  POLICY_STALE: {
    status: 409,
    says: 'other policies were activated since this version was proposed',
    hint: 'propose it again: its differences have to be looked at anew',
  },
  SELF_APPROVAL: {
    status: 403,
    says: 'nobody approves what they proposed themselves',
    hint: 'ask another person whose role includes policies.approve',
  },
  MATRIX_TOO_LARGE: {
    status: 422,
    says: 'the policies look at too many facts to write all decisions down',
    hint: 'let fewer facts meet in one document, or drop those nothing depends on',
  },
} as const);

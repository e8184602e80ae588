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
    says: 'there is no such role to be given',
    hint: 'GET /v1/access/policies/active lists the roles; center is the system’s own',
  },
  SCOPE_INVALID: {
    status: 422,
    says: 'the scope names something that does not exist',
    hint: 'purposes and collections come from catalog.yaml; classes are public, internal, personal, sensitive, special',
  },
  SIGN_IN_REFUSED: {
    status: 401,
    says: 'this does not sign anybody in',
    hint: 'check address, password and code; a code is good once. An administrator can give a new link',
  },
  SECOND_FACTOR: {
    status: 401,
    says: 'a second factor is needed',
    hint: 'send `code` of the authenticator app or a `recoveryCode` beside the password, or sign in with a passkey',
  },
  SLOW_DOWN: {
    status: 429,
    says: 'too many attempts failed',
    hint: 'wait as long as Retry-After says; a passkey is not slowed down by what others tried from elsewhere',
  },
  EXPORTS_ASKED: { status: 429, says: 'you asked five times within a day', hint: 'wait as long as Retry-After says' },
  BUSY: { status: 503, says: 'too many sign in at once', hint: 'try again in a moment' },
  STEP_UP: {
    status: 401,
    says: 'this needs a newer authentication',
    hint: 'POST /v1/access/session/step-up with password and code, or a passkey; then try again',
  },
  SESSION_NEEDED: {
    status: 403,
    says: 'this belongs to a person, and a key is none',
    hint: 'sign in: POST /v1/access/session',
  },
  CROSS_SITE: {
    status: 403,
    says: 'the request came from another site',
    hint: 'programs use keys; a browser sends Origin or Sec-Fetch-Site, which must name this very site',
  },
  SESSION_NOT_FOUND: { status: 404, says: 'there is no such session', hint: 'GET /v1/access/sessions lists yours' },
  PERSON_NOT_FOUND: { status: 404, says: 'there is no such person', hint: 'GET /v1/access/people lists them' },
  EMAIL_TAKEN: { status: 409, says: 'somebody has this address already', hint: 'GET /v1/access/people lists them' },
  SELF_CHANGE: {
    status: 403,
    says: 'nobody changes what they may themselves',
    hint: 'ask another person whose role includes people.manage',
  },
  LINK_REFUSED: {
    status: 403,
    says: 'the link cannot be used',
    hint: 'each is good once and for three days; ask an administrator for a new one',
  },
  PASSWORD_WEAK: {
    status: 422,
    says: 'the password is too easy to guess',
    hint: 'several words that do not belong together; 15 characters, or 8 beside a second factor',
  },
  PASSWORD_WRONG: {
    status: 422,
    says: 'this is not your password of now',
    hint: 'send it as `oldPassword`; who lost it asks an administrator for a link of kind `password`',
  },
  LEAKED_UNREADABLE: {
    status: 503,
    says: 'the list of leaked passwords cannot be read',
    hint: 'STRONGROOM_LEAKED_PASSWORDS names a file of SHA-1 hashes in their order, a line each; no password is chosen without it',
  },
  ENROL_FIRST: {
    status: 403,
    says: 'this session has shown one factor, which opens nothing but setting up a second one',
    hint: 'add a passkey or an authenticator app (POST /v1/access/factors/…); if you have one, show it: POST /v1/access/session/step-up',
  },
  CODE_WRONG: {
    status: 422,
    says: 'this is not the code of now',
    hint: 'each code is good once, for 30 seconds; check the clock of the device',
  },
  PASSKEY_REFUSED: {
    status: 401,
    says: 'the passkey was not accepted',
    hint: 'begin again: a challenge is answered once, in five minutes, by who asked for it, with PIN, finger or face',
  },
  PASSKEYS_OFF: {
    status: 409,
    says: 'passkeys belong to the name of a site, and this one has none',
    hint: 'set STRONGROOM_PUBLIC_URL, or open http://localhost on this machine',
  },
  FACTOR_EXISTS: { status: 409, says: 'there is one already', hint: 'remove it first: DELETE on the same address' },
  FACTOR_NOT_FOUND: { status: 404, says: 'there is no such factor', hint: 'GET /v1/access/factors shows yours' },
  PASSWORD_NEEDED: {
    status: 409,
    says: 'a code is brought beside a password, and there is none',
    hint: 'add a passkey instead; who has shown one can choose a password, and then set up an app',
  },
  PERSON_NEEDED: {
    status: 403,
    says: 'an approval is given by a person',
    hint: 'sign in, or use a key that a person made: there are people here by now',
  },
  OIDC_OFF: {
    status: 409,
    says: 'no other provider signs people in here',
    hint: 'set STRONGROOM_OIDC_ISSUER, STRONGROOM_OIDC_CLIENT_ID, STRONGROOM_OIDC_CLIENT_SECRET and STRONGROOM_PUBLIC_URL',
  },
  OIDC_UNREACHABLE: { status: 503, says: 'the provider does not answer', hint: 'try again, or sign in by a passkey' },
  LOGOUT_REFUSED: {
    status: 400,
    says: 'this logout token is not taken',
    hint: 'OpenID Connect Back-Channel Logout 1.0: typ logout+jwt, signed by the provider for this client, each once',
  },
  OIDC_REFUSED: {
    status: 401,
    says: 'the provider did not sign anybody in who may come in here',
    hint: 'begin again within five minutes, in the same browser; who is new has to be invited by the address that the provider verified',
  },
  SCIM_SYNTAX: { status: 400, says: 'this is no message of SCIM 2.0', hint: 'RFC 7644 §3: schemas, and what they say' },
  SCIM_VALUE: { status: 400, says: 'a value cannot be taken', hint: 'GET /scim/v2/Schemas says what is kept' },
  SCIM_FILTER: {
    status: 400,
    says: 'the filter cannot be answered',
    hint: 'eq, ne, co, sw, ew, pr, and, or, not on what GET /scim/v2/Schemas lists; sorting is not supported',
  },
  SCIM_PATH: {
    status: 400,
    says: 'the path of an operation leads nowhere',
    hint: 'attribute, attribute.sub, or attribute[filter].sub of what GET /scim/v2/Schemas lists',
  },
  SCIM_TARGET: {
    status: 400,
    says: 'there is nothing where the operation would change something',
    hint: 'add it, or name what is there',
  },
  SCIM_MUTABILITY: { status: 400, says: 'this does not change so', hint: 'GET /scim/v2/Schemas says what may change' },
  SCIM_UNIQUENESS: {
    status: 409,
    says: 'somebody, or another group, has this name already',
    hint: 'who was here before the provider is linked by an administrator: PUT /v1/access/people/<id>/provisioning',
  },
  SCIM_NOT_FOUND: {
    status: 404,
    says: 'there is no such resource of this provider',
    hint: 'look for it by userName, displayName or externalId',
  },
  SCIM_STALE: {
    status: 412,
    says: 'it is not the version any more that If-Match names',
    hint: 'read it again and decide anew',
  },
  LAST_ADMINISTRATOR: {
    status: 409,
    says: 'nobody would be left who manages people',
    hint: 'let somebody else have a role with people.manage first',
  },
  GROUP_NOT_FOUND: { status: 404, says: 'there is no such group', hint: 'GET /v1/access/groups lists them' },
  PROVISIONED: {
    status: 409,
    says: 'an identity provider decides on this',
    hint: 'change it there, or end it: DELETE /v1/access/people/<id>/provisioning',
  },
  WORKLOAD_NOT_FOUND: { status: 404, says: 'there is no such workload', hint: 'GET /v1/access/workloads lists them' },
  WORKLOAD_INVALID: {
    status: 422,
    says: 'tokens of this issuer cannot be trusted like this',
    hint: 'either `jwks` with public keys, or `jwksUrl` with https; each issuer and subject once',
  },
  KEY_ELSEWHERE: {
    status: 403,
    says: 'this key is not used from here',
    hint: 'it is tied to networks: use it from there, or make another one; if this was not you, revoke it',
  },
  CERTIFICATE_NEEDED: {
    status: 401,
    says: 'this key is bound to a client certificate, and the connection showed none, another one, or one that does not count',
    hint: 'connect by TLS with the certificate and its private key, straight to this server; if this was not you, revoke the key',
  },
  CERTIFICATES_OFF: {
    status: 409,
    says: 'this server asks nobody for a certificate: a key that is bound to one would never open',
    hint: 'set STRONGROOM_TLS_CLIENTS=request, STRONGROOM_TLS_CERT and STRONGROOM_TLS_KEY',
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
  NOT_ELIGIBLE: {
    status: 403,
    says: 'the role may not ask for this',
    hint: 'GET /v1/access/eligibility says what it may ask for, GET /v1/access/role-requests which roles',
  },
  REQUEST_INVALID: {
    status: 422,
    says: 'this cannot be asked for',
    hint: 'name a purpose of the catalogue, classes, subjects (sub_…), and why',
  },
  REQUESTS_WAIT: { status: 409, says: 'fifty of your requests wait', hint: 'cancel some; none waits over a day' },
  GRANT_NOT_FOUND: {
    status: 404,
    says: 'there is no such request or grant for you',
    hint: 'GET /v1/access/requests lists those that you may see',
  },
  GRANT_STATE: {
    status: 409,
    says: 'the request or grant is not in the state this needs',
    hint: 'pending, approved, activated: one after the other, each once, and each only for a time',
  },
  GRANT_CHANGED: {
    status: 409,
    says: 'this is not the scope that was looked at',
    hint: 'read the request again; approval names the hash of exactly what it approves',
  },
  SUSPENDED: {
    status: 403,
    says: 'broken glass was not looked at within 72 hours: until somebody has, there is no grant',
    hint: 'ask another person who may approve: POST /v1/access/break-glass/<id>/review',
  },
  SEPARATED: {
    status: 409,
    says: "these duties are not one person's",
    hint: 'give one of them to somebody else; docs/practices/access.md lists what is kept apart',
  },
  REVIEW_NOT_FOUND: {
    status: 404,
    says: 'there is no such review, or no such holder in it',
    hint: 'GET /v1/access/reviews lists them',
  },
  REVIEW_STATE: {
    status: 409,
    says: 'the review is not in the state this needs',
    hint: 'one is open for a role at a time, each holder is decided on once, and it is closed when all are',
  },
  ONE_BY_ONE: {
    status: 422,
    says: 'the role sees customers in clear: decide on one holder at a time',
    hint: 'look at when and how often each of them used it',
  },
  NOT_APPROVER: {
    status: 403,
    says: 'the role is not among those who approve this',
    hint: 'the request says which roles approve it',
  },
  OWN_REQUEST: {
    status: 403,
    says: 'nobody approves what they asked for themselves',
    hint: 'ask another person whose role is among the approvers',
  },
  MATRIX_TOO_LARGE: {
    status: 422,
    says: 'the policies look at too many facts to write all decisions down',
    hint: 'let fewer facts meet in one document, or drop those nothing depends on',
  },
} as const);

import { fittingCollection } from './fitting-collection.ts';

/** For each route one request that fits, and the role whose key may send it: what a test of bad input spoils, piece by piece. */
import { scimRequests } from './fitting-scim.ts';
import { ASSURANCE_REQUESTS } from './fitting-assurance.ts';
import { BACKUPS_REQUESTS } from './fitting-backups.ts';
import { trafficRequests } from './fitting-traffic.ts';
import { educationRequests } from './fitting-education.ts';
import { privacyRequests } from './fitting-privacy.ts';

export type Fitting = Readonly<{
  /** Of a key; `person`: the cookie of one who is signed in. */
  role: string;
  /** Nobody the test has may send it: that is decided before ids and values are looked at. */
  decidedFirst?: true;
  /** Parameters of the path; `{*}` is named `*`. */
  path?: Readonly<Record<string, string>>;
  body?: unknown;
  /** Where `body` lacks something, since whatever else is wrong with it would be kept as a draft that says so. */
  whole?: unknown;
  /** Where the route asks for one. */
  query?: string;
  headers?: Readonly<Record<string, string>>;
}>;

export type Known = Readonly<{
  recordId: string;
  subjectId: string;
  attachmentId: string;
  token: string;
  keyId: string;
  policyId: string;
  document: unknown;
  personId: string;
  /** Made by SCIM. */
  scimUserId: string;
  scimGroupId: string;
  mailId: string;
}>;

const PURPOSE = { 'strongroom-purpose': 'service.support' };
const LEGAL = { 'strongroom-purpose': 'legal.request' };

/** operationId → what fits; a route that is missing here fails the test. */
export function fittingRequests(known: Known): Readonly<Record<string, Fitting>> {
  const question = {
    subject: { type: 'role', id: 'support', properties: { free: 'x' } },
    action: { name: 'records.read', properties: { free: 'x' } },
    resource: { type: 'collection', id: 'customer', properties: { free: 'x' } },
    context: { purpose: 'service.support', free: 'x' },
  };
  const { id: _, ...someSubject } = question.subject;
  const { id: __, ...someResource } = question.resource;
  const { action: ___, ...withoutAction } = question;
  const page = { token: '0', limit: 10 };
  const record = {
    subject: { externalId: 'c-2' },
    fields: { last_name: 'Ada', email: 'ada@example.org' },
    expiresAt: '2099-01-01T00:00:00Z',
  };
  const ofRecord = { id: known.recordId };
  const ofSubject = { id: known.subjectId };
  const ofAttachment = { id: known.recordId, attachment: known.attachmentId };
  const ofPolicy = { id: known.policyId };
  const passkey = { id: 'AAAA', rawId: 'AAAA', type: 'public-key', clientExtensionResults: {} };
  const attestation = { ...passkey, response: { clientDataJSON: 'AAAA', attestationObject: 'AAAA' } };
  const assertion = { ...passkey, response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' } };
  const ofPerson = { id: known.personId };
  const write = { ...PURPOSE, 'idempotency-key': 'bad-input-0001' };

  return {
    ...privacyRequests(known),
    ...ASSURANCE_REQUESTS,
    ...BACKUPS_REQUESTS,
    ...educationRequests(known),
    ...trafficRequests(known.subjectId),
    ...scimRequests(known),
    authzenConfiguration: { role: 'admin' },
    authzenEvaluation: { role: 'auditor', body: question },
    authzenEvaluations: {
      role: 'auditor',
      body: { ...question, evaluations: [question], options: { evaluations_semantic: 'execute_all' } },
    },
    authzenSearchAction: { role: 'auditor', body: { ...withoutAction, page } },
    authzenSearchResource: { role: 'auditor', body: { ...question, resource: someResource, page } },
    authzenSearchSubject: { role: 'auditor', body: { ...question, subject: someSubject, page } },
    health: { role: 'admin' },
    live: { role: 'admin' },
    ready: { role: 'admin' },
    openapi: { role: 'admin' },
    listKeys: { role: 'admin' },
    createKey: {
      role: 'admin',
      body: { name: 'n', role: 'support', purposes: ['service.support'], classes: ['personal'], collections: ['customer'], expiresInDays: 1 },
    }, // prettier-ignore
    revokeKey: { role: 'admin', path: { id: known.keyId } },
    listReviews: { role: 'security', decidedFirst: true },
    beginReview: { role: 'security', decidedFirst: true, body: { role: 'support', days: 14 } },
    getReview: { role: 'security', decidedFirst: true, path: { id: 'rev_0' } },
    decideReview: {
      role: 'security', decidedFirst: true, path: { id: 'rev_0' },
      body: { holders: ['key_0'], decision: 'keep', note: 'a note' },
    }, // prettier-ignore
    extendReview: {
      role: 'security',
      decidedFirst: true,
      path: { id: 'rev_0' },
      body: { days: 7, reason: 'a reason' },
    },
    closeReview: { role: 'security', decidedFirst: true, path: { id: 'rev_0' } },
    reviewBundle: { role: 'security', decidedFirst: true, path: { id: 'rev_0' } },
    listRoleRequests: { role: 'person' },
    requestRole: { role: 'person', decidedFirst: true, body: { role: 'support', minutes: 60, reason: 'a reason' } },
    approveRoleRequest: { role: 'security', decidedFirst: true, path: { id: 'rrq_0' } },
    denyRoleRequest: { role: 'security', decidedFirst: true, path: { id: 'rrq_0' } },
    endRoleRequest: { role: 'person', path: { id: 'rrq_0' } },
    listNotices: { role: 'person' },
    readNotices: { role: 'person', body: { ids: ['ntc_0'] } },
    mailStatus: { role: 'admin' },
    listMails: { role: 'admin' },
    getMail: { role: 'admin', path: { id: known.mailId } },
    listUnused: { role: 'admin', decidedFirst: true },
    listPolicies: { role: 'security' },
    proposePolicies: {
      role: 'security',
      body: { document: known.document },
      whole: { document: known.document, note: 'a note' },
    },
    testPolicies: { role: 'security', body: { document: known.document } },
    getPolicies: { role: 'security', path: ofPolicy },
    activatePolicies: { role: 'security', path: ofPolicy },
    approvePolicies: { role: 'security', path: ofPolicy, body: { hash: '0'.repeat(64) } },
    policyMatrix: { role: 'security', path: ofPolicy },
    replayPolicies: { role: 'security', path: ofPolicy, body: { entries: 1 } },
    reviewPolicies: { role: 'security', path: ofPolicy },
    listFactors: { role: 'person' },
    changePassword: { role: 'person', body: { password: 'another violet tractor', oldPassword: 'not this one' } },
    newRecoveryCodes: { role: 'person' },
    offerTotp: { role: 'person' },
    removeTotp: { role: 'person' },
    confirmTotp: { role: 'person', body: { code: '000000' } },
    listGroups: { role: 'person' },
    mapGroup: { role: 'person', path: { id: known.scimGroupId }, body: { roles: ['support'] } },
    linkPerson: { role: 'person', path: ofPerson },
    unlinkPerson: { role: 'person', path: ofPerson },
    listPeople: { role: 'person' },
    invitePerson: { role: 'person', body: { email: 'eve@example.org', name: 'Eve', roles: ['support'] } },
    acceptInvitation: {
      role: 'person',
      body: { token: 'none', password: 'violet tractor onion', email: 'eve@example.org', name: 'Eve' },
    },
    disablePerson: { role: 'person', path: ofPerson, body: { keys: 'keep' } },
    enablePerson: { role: 'person', path: ofPerson },
    newPersonLink: { role: 'person', path: ofPerson, body: { kind: 'password', identifiedBy: 'video' } },
    setRoles: { role: 'person', path: ofPerson, body: { roles: ['support'] } },
    listSessionsOf: { role: 'person', path: ofPerson },
    endSessionOf: { role: 'person', path: { ...ofPerson, session: 'ses_0' } },
    currentSession: { role: 'person' },
    signIn: {
      role: 'person',
      body: { email: 'nobody@example.org', password: 'x', code: '000000', recoveryCode: '0000-0000-0000-0000' },
    },
    signOut: { role: 'person' },
    logoutElsewhere: { role: 'admin', body: 'logout_token=AAAA.AAAA.AAAA' },
    actAs: { role: 'person', body: { role: 'admin' } },
    stepUp: { role: 'person', body: { password: 'x', code: '000000', recoveryCode: '0000-0000-0000-0000' } },
    listSessions: { role: 'person' },
    endOtherSessions: { role: 'person' },
    endSession: { role: 'person', path: { id: 'ses_0' } },
    grantEligibility: { role: 'person' },
    breakGlass: {
      role: 'person', decidedFirst: true,
      body: { purpose: 'service.support', classes: ['personal'], subjects: [known.subjectId], reason: 'a reason', incident: 'INC-1' },
    }, // prettier-ignore
    listBrokenGlass: { role: 'person', decidedFirst: true },
    reviewBrokenGlass: {
      role: 'person',
      decidedFirst: true,
      path: { id: 'gls_0' },
      body: { verdict: 'justified', note: 'a note' },
    },
    listPasskeys: { role: 'person' },
    addPasskey: { role: 'person', body: { name: 'a key', response: attestation } },
    newPasskeyOptions: { role: 'person' },
    removePasskey: { role: 'person', path: { id: 'psk_0' } },
    listGrants: { role: 'person', decidedFirst: true },
    revokeGrant: { role: 'person', decidedFirst: true, path: { id: 'grt_0' }, body: { note: 'a note' } },
    listRequests: { role: 'person', decidedFirst: true },
    requestGrant: {
      role: 'person',
      decidedFirst: true,
      body: {
        case: 'C-1',
        classes: ['personal'],
        minutes: 10,
        purpose: 'service.support',
        subjects: [known.subjectId],
        reason: 'a reason',
      },
    },
    getRequest: { role: 'person', decidedFirst: true, path: { id: 'req_0' } },
    activateRequest: { role: 'person', decidedFirst: true, path: { id: 'req_0' } },
    approveRequest: { role: 'person', decidedFirst: true, path: { id: 'req_0' }, body: { scopeHash: '0'.repeat(64) } },
    cancelRequest: { role: 'person', decidedFirst: true, path: { id: 'req_0' } },
    denyRequest: { role: 'person', decidedFirst: true, path: { id: 'req_0' }, body: { note: 'a note' } },
    signInByPasskey: { role: 'person', body: { response: assertion } },
    passkeyOptions: { role: 'person' },
    stepUpByPasskey: { role: 'person', body: { response: assertion } },
    stepUpPasskeyOptions: { role: 'person' },
    waysIn: { role: 'person' },
    signInElsewhere: { role: 'person' },
    goElsewhere: { role: 'person' },
    // what a provider adds is passed over (RFC 6749 §4.1.2); without an attempt of this browser nobody gets further
    signedInElsewhere: { role: 'person', decidedFirst: true },
    rotateKey: { role: 'admin', path: { id: known.keyId }, body: { overlapHours: 1 } },
    listWorkloads: { role: 'admin', decidedFirst: true },
    trustWorkload: {
      role: 'admin',
      decidedFirst: true,
      body: {
        name: 'nightly',
        issuer: 'https://ci.example',
        subject: 'job',
        audience: 'strongroom',
        jwksUrl: 'https://ci.example/keys',
        role: 'application',
      },
    },
    revokeWorkload: { role: 'admin', decidedFirst: true, path: { id: 'wkl_0' } },
    whoami: { role: 'admin' },
    ...fittingCollection(known),
    auditCheckpoint: { role: 'auditor' },
    auditCosign: { role: 'auditor', body: 'a note', headers: { 'content-type': 'text/plain' } },
    auditEntries: { role: 'auditor' },
    auditProof: { role: 'auditor', path: { index: '0' } },
    auditKey: { role: 'auditor' },
    auditOffered: { role: 'auditor' },
    auditBundle: { role: 'auditor', path: { '*': '000' } },
    auditTile: { role: 'auditor', path: { level: '0', '*': '000' } },
    auditWitnessed: { role: 'auditor' },
    auditWitnesses: { role: 'auditor' },
    status: { role: 'admin' },
    algorithms: { role: 'admin' },
    exportRecords: { role: 'dpo', headers: LEGAL, query: 'collection=customer' },
    submitForm: { role: 'collector', body: 'an envelope', headers: { 'content-type': 'application/octet-stream' } },
    intakeKey: { role: 'admin' },
    listIntakeKeys: { role: 'custodian' },
    renewIntakeKey: { role: 'custodian', body: { others: 'keep' } },
    putRecord: { role: 'application', body: { collection: 'customer', ...record }, headers: write },
    putRecords: {
      role: 'application',
      body: { collection: 'customer', onDuplicate: 'reject', values: 'json', dryRun: false, records: [record] },
      headers: PURPOSE,
    },
    readRecords: {
      role: 'application',
      body: { ids: [known.recordId], fields: ['last_name'] },
      headers: PURPOSE,
    },
    searchRecords: {
      role: 'application',
      body: { collection: 'customer', where: { last_name: { prefix: 'ad' }, email: 'a@example.org' }, fields: ['last_name'], limit: 10, cursor: 'AAAA' },
      headers: PURPOSE,
    }, // prettier-ignore
    readRecord: { role: 'application', path: ofRecord, headers: PURPOSE },
    patchRecord: {
      role: 'application',
      path: ofRecord,
      body: { fields: { last_name: 'Bea' }, expiresAt: '2099-01-01T00:00:00Z' },
      headers: { ...write, 'if-match': '"1"' },
    },
    deleteRecord: { role: 'application', path: ofRecord, headers: write },
    listAttachments: { role: 'application', path: ofRecord, headers: PURPOSE },
    putAttachment: {
      role: 'application',
      path: ofRecord,
      body: 'a file',
      headers: { ...write, 'content-type': 'application/octet-stream', 'strongroom-name': 'a.txt' },
    },
    getAttachment: { role: 'application', path: ofAttachment, headers: PURPOSE },
    deleteAttachment: { role: 'application', path: ofAttachment, headers: write },
    listRotations: { role: 'custodian' },
    startRotation: { role: 'custodian', body: { what: 'index' } },
    getRotation: { role: 'custodian', path: { id: 'work_0' } },
    findSubject: { role: 'dpo', body: { collection: 'customer', externalId: 'c-1' }, headers: LEGAL },
    getSubject: { role: 'dpo', path: ofSubject },
    eraseSubject: { role: 'dpo', path: ofSubject, headers: LEGAL },
    restrictSubject: { role: 'dpo', path: ofSubject, body: { reason: 'claim' } },
    liftRestriction: { role: 'dpo', path: ofSubject },
    createToken: {
      role: 'application',
      body: { recordId: known.recordId, field: 'email', kind: 'random', audience: 'shop', maxUses: 1, ttlSeconds: 60 },
      headers: PURPOSE,
    },
    openToken: { role: 'application', body: { token: known.token }, headers: PURPOSE },
    getVerification: { role: 'admin' },
    startVerification: { role: 'admin' },
  };
}

/** What fits the routes of the privacy practice. */
import type { Fitting, Known } from './fitting-requests.ts';

export const privacyRequests = (known: Known): Readonly<Record<string, Fitting>> => ({
  recordConsents: {
      role: 'application',
      body: {
        holder: { subject: known.subjectId }, gpc: 'on', text: 'Yes, send it', language: 'en', variant: 'form', method: 'web',
        said: [{ purpose: 'marketing.newsletter', said: 'given', expiresAt: '2099-01-01T00:00:00Z' }],
        notice: '0'.repeat(64), jurisdiction: 'DE', evidence: 'call 7',
      },
    }, // prettier-ignore
  readConsents: { role: 'dpo', path: { holder: known.subjectId } },
  listPrivacyRequests: { role: 'dpo', query: 'which=closed&limit=3&cursor=closed.0.dsr_00000000000000000000000000' },
  getPrivacyRequest: { role: 'dpo', path: { id: 'dsr_0' }, query: 'show=clear' },
  takePrivacyRequest: {
    role: 'dpo',
    body: {
      subject: known.subjectId,
      kind: 'correction',
      words: 'please',
      regime: 'eu-gdpr',
      asker: 'agent',
      how: 'letter',
      language: 'de',
      corrections: [{ record: known.recordId, field: 'last_name', value: 'Rome' }],
    },
  },
  decidePrivacyRequest: {
    role: 'dpo',
    path: { id: 'dsr_0' },
    body: {
      decision: 'refuse',
      answer: 'no',
      because: 'claim',
      fields: ['rec_0/city'],
      seen: 'x',
      send: 'nothing',
      language: 'de',
    },
  },
  withdrawPrivacyRequest: {
    role: 'dpo',
    path: { id: 'dsr_0' },
    body: { words: 'never mind', how: 'letter', asker: 'unheld' },
  },
  clarifyPrivacyRequest: {
    role: 'dpo',
    path: { id: 'dsr_0' },
    body: { question: 'scope', words: 'which year?', stop: true, how: 'otherwise' },
  },
  replyPrivacyRequest: { role: 'dpo', path: { id: 'dsr_0' }, body: { words: 'all of them', how: 'telephone' } },
  appealPrivacyRequest: { role: 'dpo', path: { id: 'dsr_0' }, body: { words: 'look again', how: 'letter' } },
  vouchForCustomer: { role: 'dpo', path: { id: 'dsr_0' }, body: { saw: 'passport' } },
  assertCustomer: {
    role: 'customer-sign-in',
    body: { subject: known.subjectId, factors: 2, signedInAt: new Date().toISOString() },
  },
  privacyProofRules: { role: 'admin' },
  listRestrictions: { role: 'dpo' },
  endRestriction: {
    role: 'dpo',
    path: { subject: known.subjectId },
    body: { words: 'it is settled', how: 'otherwise', days: 7, language: 'de' },
  },
  sendCopyLink: { role: 'dpo', path: { id: 'dsr_0' }, body: { language: 'de' } },
  copyPrivacyRequest: { role: 'dpo', path: { id: 'dsr_0' }, body: { passphrase: 'twenty letters or more' } },
  privacyClocks: { role: 'admin' },
  readNotice: { role: 'dpo' },
  publishNotice: {
    role: 'person',
    decidedFirst: true,
    body: { factsHash: '0'.repeat(64), languages: ['en'], translations: {} },
  },
  publicNotice: { role: 'admin' },
  publicNoticeDpv: { role: 'admin' },
  gpcSupport: { role: 'admin' },
  offerChoices: { role: 'admin', headers: {}, query: 'lang=de&vendors=12.34' },
  setChoices: {
    role: 'admin',
    body: {
      answers: [{ purpose: 'marketing.newsletter', answer: 'yes' }],
      lang: 'de',
      variant: 'form',
      vendors: '12.34',
    },
  },
  readTcf: { role: 'dpo' },
  // the vendor list is a document of its own: practices/privacy/tcf/settings.test.ts
  setTcf: {
    role: 'dpo',
    body: {
      cmpId: 27, cmpVersion: 1, publisherCountry: 'DE', vendorId: null, vendors: [2], purposes: [{ purpose: 'marketing.newsletter', tcf: [1], specialFeatures: [] }],
    },
  }, // prettier-ignore
  decodeTcString: { role: 'dpo', body: { tcString: 'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA' } },
  recordTcString: {
    role: 'application',
    body: { holder: known.subjectId, tcString: 'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA' },
  },
  writeTcString: { role: 'dpo', body: { holder: known.subjectId, vendors: [2], language: 'de' } },
  makeChoiceToken: { role: 'application', body: { holder: known.subjectId, minutes: 5 } },
  consentWidget: { role: 'admin' },
  privacyKeys: { role: 'admin' },
  makeUnsubscribeLink: { role: 'application', body: { subject: known.subjectId, purpose: 'marketing.newsletter' } },
});

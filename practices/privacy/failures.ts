import { failures } from '#platform/failure';

export const privacyFailure = failures('PRIVACY', {
  PURPOSE_UNKNOWN: { status: 422, says: 'there is no such purpose', hint: 'GET /v1/collection/catalog lists them' },
  NOT_OPTIONAL: {
    status: 422,
    says: 'this purpose does not depend on what the subject says',
    hint: 'it rests on a contract or a duty; consent and objection are for those on consent or a legitimate interest',
  },
  TOO_WIDE: {
    status: 422,
    says: 'a yes is for one purpose, not for a group of them',
    hint: 'ask for each of the purposes below it by itself; a no may be said to all of them at once',
  },
  HOLDER_INVALID: {
    status: 422,
    says: 'this is nobody who could say it',
    hint: 'subject: {id: sub_…}, or {anonymous: anon_…}, or {} for a new anonymous id',
  },
  RECORD_INVALID: {
    status: 422,
    says: 'something of the record does not fit',
    hint: 'a yes needs the exact text that was shown, and an end that lies in the future, if any',
  },
  SUBJECT_NOT_FOUND: {
    status: 404,
    says: 'there is no such subject',
    hint: 'it was never here, or was erased: its ledger stays, and nothing personal of it can be read',
  },
  EVENT_NOT_FOUND: { status: 404, says: 'there is no such event', hint: 'GET …/consents lists those of a subject' },
  NOTICE_STALE: {
    status: 409,
    says: 'this is not the draft of now: catalogue or settings changed meanwhile',
    hint: 'read the draft again with GET /v1/privacy/notice, then publish what you read',
  },
  NOTICE_INCOMPLETE: {
    status: 422,
    says: 'the notice lacks something without which it would not be honest',
    hint: '`missing` names settings to make and texts to translate',
  },
  NOTICE_NOT_FOUND: {
    status: 404,
    says: 'there is no such notice',
    hint: 'GET /.well-known/privacy-notice.json has the one that holds',
  },
  PERSON_NEEDED: {
    status: 403,
    says: 'a person answers for this, and a key is none',
    hint: 'sign in to the console, in a role that includes the action',
  },
  SLOW_DOWN: { status: 429, says: 'this was asked for too often', hint: 'wait as long as Retry-After says' },
  NO_KEPT: {
    status: 429,
    says: 'what was refused is recorded; what was agreed to was not, because this was asked for too often',
    hint: 'a no is kept whenever it is said; for the yes wait as long as Retry-After says',
  },
  SIGNED_OUT: { status: 401, says: 'nobody is signed in here', hint: 'sign in at /center/sign-in' },
  CROSS_SITE: { status: 403, says: 'the request came from another site', hint: 'use the form on the page itself' },
  ORIGIN_UNKNOWN: {
    status: 403,
    says: 'the page that asks is of a site that is not known here',
    hint: 'name its origin in STRONGROOM_SITES, as the browser writes it: https://shop.example.org',
  },
  WIDGET_MISSING: {
    status: 503,
    says: 'the consent widget was not built',
    hint: 'run npm run build, then start the server again',
  },
  TOKEN_INVALID: {
    status: 401,
    says: 'this token of choices is none, or its time is over',
    hint: 'ask for a new one with POST /v1/privacy/choice-tokens; without one the choices are those of somebody anonymous',
  },
  CENTER_OFF: {
    status: 503,
    says: 'the policies have no role for the privacy center',
    hint: 'add a role center that may read and search for purposes below legal: docs/practices/privacy.md',
  },
  CURSOR_INVALID: {
    status: 400,
    says: 'this is no place in this list',
    hint: '`next` of the page before is the place; without one the list begins',
  },
  REQUEST_NOT_FOUND: { status: 404, says: 'there is no such request', hint: 'GET /v1/privacy/requests lists them' },
  REQUEST_STATE: {
    status: 409,
    says: 'the request is not at this point',
    hint: 'read it again: something has happened to it, or it is of a kind that has no such step',
  },
  SECOND_EYES: {
    status: 403,
    says: 'an erasure needs two people, and you were the first',
    hint: 'another person whose role includes rights.decide confirms it',
  },
  APPEAL_EYES: {
    status: 403,
    says: 'who declined it does not decide on the appeal',
    hint: 'another person whose role includes rights.decide decides',
  },
  NO_APPEAL: {
    status: 409,
    says: 'there is no appeal against this answer: its law has none, it was used, or the time for it is over',
    hint: '`appealBy` of a request says whether there is one; `complainTo` says who takes complaints',
  },
  CLOCK_RUNS: {
    status: 422,
    says: 'the clock of this request does not stand still for that question',
    hint: 'ask it without `stop`: `pauses` of GET /v1/privacy/clocks says for which questions it does; of `scope`, for access and copies only; of `identity`, as long as it is not sure enough who asks; and never when the time is over',
  },
  WORDS_NEEDED: { status: 422, says: 'nothing was written', hint: 'go back, and write something into the form' },
  WHOLE_ONLY: {
    status: 422,
    says: 'this is done whole or not at all',
    hint: 'an erasure, a restriction and an objection have no parts: `fulfil` or `refuse`, and say in the answer what was done besides',
  },
  BECAUSE_NEEDED: {
    status: 422,
    says: 'a restriction is put on for a reason',
    hint: 'because: accuracy, unlawful, claim or objection, the four of GDPR art. 18(1)',
  },
  NOT_RESTRICTED: {
    status: 409,
    says: 'nothing of this subject is restricted',
    hint: 'GET /v1/privacy/restrictions lists those whose processing is',
  },
  PROOF_NEEDED: {
    status: 403,
    says: 'it has to be surer who asks before this goes out',
    hint: '`missing` names what would show it: GET /v1/privacy/proof-rules has the rules; a person vouches with POST …/vouch',
  },
  PROOF_SAME_EYES: {
    status: 403,
    says: 'one person vouches once: a second one has to be another',
    hint: 'another person whose role includes rights.decide looks for themselves',
  },
  PROOF_SHOWS_NOTHING: {
    status: 422,
    says: 'this shows nothing about who asks here',
    hint: 'of an agent, a mandate or that the subject confirmed it when they were called back; of the subject anything else, and no call to the number that is to be corrected',
  },
  KEY_NARROWED: {
    status: 403,
    says: 'a key that is narrowed signs no customer in: they would see there what it may not',
    hint: 'make a key in the role customer-sign-in without purposes, classes and collections',
  },
  KEY_PURPOSES: {
    status: 403,
    says: 'a key that is narrowed to purposes records no yes to another one',
    hint: 'use a key whose purposes include it; a no is taken from any key',
  },
  ASSERTION_INVALID: {
    status: 422,
    says: 'this sign-in cannot be vouched for',
    hint: 'a mail sets no more of the factors anew than there are, and signedInAt lies at most fifteen minutes back; the application signs its customer in again before it sends them on',
  },
  ADDRESS_UNCLEAR: {
    status: 409,
    says: 'no mail can go to this subject: no address of theirs is held, or several are',
    hint: 'tell them by letter or telephone',
  },
  FIELD_NOT_YOURS: {
    status: 404,
    says: 'there is no such field among what is shown of this subject',
    hint: 'what the privacy center shows under "Your data" can be corrected; ask for everything else in words',
  },
  CORRECTION_INVALID: {
    status: 422,
    says: 'this cannot become the value of the field',
    hint: 'GET /v1/collection/catalog says what each field takes',
  },
  CORRECTION_CHANGED: {
    status: 409,
    says: 'what is asked for, or what is held, has changed since it was read; nothing was corrected',
    hint: 'read the request again, and decide with `seen` as that answer has it',
  },
  FIELDS_NEEDED: {
    status: 422,
    says: 'it is not said which of the fields are corrected',
    hint: '`fields` names some of them, as rec_…/field; all of them is `fulfil`, none is `refuse`',
  },
  REGIME_UNKNOWN: { status: 422, says: 'there is no clock of that name', hint: 'GET /v1/privacy/clocks lists them' },
  TCF_OFF: {
    status: 409,
    says: 'the TCF is off here: nothing of ours stands for a purpose of theirs',
    hint: 'set it with PUT /v1/privacy/tcf: docs/practices/privacy.md',
  },
  TCF_NO_CMP: {
    status: 409,
    says: 'only a registered CMP may write a TC string',
    hint: 'set cmpId to the number that IAB Europe gave you; without one strings are read and recorded only',
  },
  TCF_INVALID: {
    status: 422,
    says: 'this is no TC string',
    hint: 'pass it on as __tcfapi gave it, whole and unchanged, with its dots',
  },
  TCF_OUTDATED: {
    status: 422,
    says: 'this TC string is of an earlier policy, which the vendor list here has replaced',
    hint: 'people have to be asked again; TCF: a new policy version makes the strings before it invalid',
  },
  TCF_SETTINGS: {
    status: 422,
    says: 'these settings of the TCF do not fit',
    hint: 'the vendor list and GET /v1/collection/catalog say what there is',
  },
  TCF_LIST_INVALID: {
    status: 422,
    says: 'this is no vendor list of the TCF',
    hint: 'hand in vendor-list.json as IAB Europe publishes it (version 3 of its form)',
  },
  TCF_LIST_MISSING: {
    status: 409,
    says: 'there is no vendor list here yet',
    hint: 'hand one in as vendorList; it is fetched by you, never by this server',
  },
  LINK_INVALID: {
    status: 404,
    says: 'this link leads nowhere',
    hint: 'it may be cut off: copy it whole from the message, or use the preferences in the privacy center',
  },
  ONE_CLICK: {
    status: 400,
    says: 'this is no one-click request',
    hint: 'POST List-Unsubscribe=One-Click as a form (RFC 8058)',
  },
});

import { failures } from '#platform/failure';

export const collectionFailure = failures('COLLECTION', {
  CATALOG_INVALID: {
    status: 422,
    says: 'the catalogue is not valid',
    hint: 'correct what is listed and load it again; docs/formats/catalog.md says what each entry takes',
  },
  CATALOG_ORPHANS: {
    status: 409,
    says: 'the new catalogue does not fit what is stored',
    hint: 'keep what is listed until its values are deleted, or declare it anew under another name beside it',
  },
  CATALOG_CHANGED: {
    status: 409,
    says: 'this is not what was looked at',
    hint: 'read the version again; approval names the hash of what it approves',
  },
  CATALOG_STALE: {
    status: 409,
    says: 'another version was activated since this one was begun',
    hint: 'propose it again on the version that holds: its differences have to be looked at anew',
  },
  CATALOG_SAME: {
    status: 409,
    says: 'this means the same as the version that holds',
    hint: 'comments, order and spelled-out defaults change nothing; there is nothing to approve',
  },
  NO_CATALOG: {
    status: 503,
    says: 'there is no catalogue yet',
    hint: 'a server puts the first one there when it starts',
  },
  VERSION_NOT_FOUND: {
    status: 404,
    says: 'there is no such version of the catalogue',
    hint: 'GET /v1/collection/versions lists them',
  },
  VERSION_STATE: {
    status: 409,
    says: 'the version is not in the state this needs',
    hint: 'proposed, approved, active: one after the other, and each once',
  },
  SELF_APPROVAL: {
    status: 403,
    says: 'nobody approves what they proposed themselves',
    hint: 'ask another person whose role includes catalog.approve',
  },
  PERSON_NEEDED: {
    status: 403,
    says: 'a person approves, signed in or by a key of their own',
    hint: 'sign in and approve; nobody stands behind this key',
  },
  NOT_FOUND: {
    status: 404,
    says: 'there is nothing of this id here',
    hint: 'list what there is and take the id from there',
  },
  EVENT_INVALID: {
    status: 422,
    says: 'this is no event that can be recorded',
    hint: 'events are declared in the catalogue, and happen to subjects that are there',
  },
  HOLD_INVALID: {
    status: 422,
    says: 'this is no hold',
    hint: 'name a subject, a record, a collection, or a collection and its field, and the day of the next review',
  },
  HOLD_STATE: {
    status: 409,
    says: 'this cannot be done with the hold as it is',
    hint: 'look at its state again: somebody else may have decided meanwhile',
  },
  SAME_PERSON: {
    status: 403,
    says: 'the one who asked for it cannot approve it',
    hint: 'ask somebody else who may: two keys of one person are one person',
  },
  RETENTION_BUSY: {
    status: 409,
    says: 'a plan or run is under way',
    hint: 'wait for its end, or cancel it: strongroom collection retention status',
  },
  RETENTION_STATE: {
    status: 409,
    says: 'this cannot be done with the run as it is',
    hint: 'look at its state again: strongroom collection retention status',
  },
  RETENTION_OTHER_PLAN: {
    status: 409,
    says: 'the approval is of another plan',
    hint: 'look at the plan as it is now, and approve that',
  },
  RETENTION_CLOCK: {
    status: 409,
    says: 'the clock stands before the last plan',
    hint: 'set the clock right: nothing is planned by a clock that went back',
  },
  PROPOSAL_INVALID: {
    status: 422,
    says: 'what is kept is looked at again on a day to come',
    hint: 'say reviewBy: a day after today, YYYY-MM-DD',
  },
  PROPOSAL_STATE: {
    status: 409,
    says: 'this was decided already',
    hint: 'look at its history: somebody else may have decided meanwhile',
  },
  SCAN_INVALID: {
    status: 422,
    says: 'this is no report of a scan that can be kept',
    hint: 'hand in what strongroom collection scan --report makes',
  },
  SCAN_HOLDS_VALUE: {
    status: 422,
    says: 'a name or reason in the report seems to be a value',
    hint: 'look at the source: is a first row taken for names (--header no), is a table or key called after somebody?',
  },
  SCAN_OTHER: {
    status: 409,
    says: 'another scan of this source began at the same moment',
    hint: 'give one of the two sources a name of its own: --as',
  },
  DRIFT_INVALID: {
    status: 422,
    says: 'what is ignored is looked at again on a day to come',
    hint: 'say reviewBy: a day after today, YYYY-MM-DD; it belongs to ignored alone',
  },
  EXPORT_PROFILE_INVALID: {
    status: 422,
    says: 'this profile cannot be used',
    hint: 'correct what is said and propose it again; docs/practices/collection.md says what a profile takes',
  },
  EXPORT_PROFILE_STATE: {
    status: 409,
    says: 'this cannot be done with the profile as it is',
    hint: 'a profile is proposed, approved by another by its hash, and used until it is retired',
  },
  EXPORT_FIELD_DENIED: {
    status: 403,
    says: 'the policies do not let these fields leave like this',
    hint: 'what leaves in clear or coarse has to be open to you in clear for this purpose; a mask or pseudonym has to be open to you masked',
  },
  EXPORT_NOT_ANONYMOUS: {
    status: 409,
    says: 'more records would have to be left out than the profile allows',
    hint: 'allow coarser steps, a smaller k or l, or more to be left out: each in a profile of its own, approved anew',
  },
  EXPORT_NOT_VERIFIED: {
    status: 500,
    says: 'what would have left does not keep what its profile promises',
    hint: 'nothing left; this is a fault of the server: report it',
  },
  EXPORT_BUSY: {
    status: 429,
    says: 'as many exports as can be are under way',
    hint: 'try again when one of them has ended',
  },
  EXPORT_CUT: {
    status: 409,
    says: 'the export ended before its end',
    hint: 'begin it again: nobody waited for it any more, or somebody in it was erased, restricted, or took their yes back meanwhile',
  },
  COUNT_INVALID: {
    status: 422,
    says: 'this cannot be counted',
    hint: 'count by the fields of the profile, at no more than its highest price',
  },
  COUNT_BUDGET: {
    status: 409,
    says: 'the privacy budget of this recipient and purpose is spent',
    hint: 'answers that were given can be asked for again; more needs a profile with a larger budget, approved by another',
  },
  SETTINGS_INVALID: {
    status: 409,
    says: 'there is no such proposal of settings',
    hint: 'propose them again, and have somebody else approve that hash',
  },
} as const);

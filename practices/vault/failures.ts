import { failures } from '#platform/failure';

/** Everything the vault refuses on purpose. Messages name ids, fields and sizes, never a value. */
export const vaultFailure = failures('VAULT', {
  // what was asked is not well formed
  PURPOSE_MISSING: {
    status: 400,
    says: 'a read needs a purpose',
    hint: 'send the header Strongroom-Purpose with a purpose of the catalogue, such as service.support',
  },
  REASON_INVALID: {
    status: 400,
    says: 'the reason is not 3 to 500 characters of percent-encoded UTF-8',
    hint: 'send encodeURIComponent(reason) in the header Strongroom-Reason',
  },
  PURPOSE_UNKNOWN: {
    status: 400,
    says: 'this purpose is not in the catalogue',
    hint: 'use one of the purposes declared in catalog.yaml',
  },
  CATALOG_CHANGED: {
    status: 503,
    says: 'the catalogue changed while this was being stored',
    hint: 'nothing was stored: send it again',
  },
  COLLECTION_UNKNOWN: {
    status: 422,
    says: 'this collection is not in the catalogue',
    hint: 'declare it in catalog.yaml, or correct its name',
  },
  FIELD_UNKNOWN: {
    status: 422,
    says: 'this field is not in the catalogue',
    hint: 'declare it in catalog.yaml, or leave it out: undeclared fields are refused',
  },
  FIELD_INVALID: {
    status: 422,
    says: 'this field has the wrong type or form',
    hint: 'the catalogue says what the field takes',
  },
  FIELD_REQUIRED: {
    status: 422,
    says: 'a required field is missing',
    hint: 'the catalogue says which fields are required',
  },
  FIELD_TOO_LARGE: {
    status: 422,
    says: 'this value is too long',
    hint: 'a field takes at most 64 KiB; put larger content into an attachment',
  },
  NOT_SEARCHABLE: {
    status: 422,
    says: 'this field cannot be searched so',
    hint: 'declare search for it in catalog.yaml: exact, prefix or month',
  },
  ID_INVALID: { status: 400, says: 'this is not an id of ours', hint: 'ids are rec_… for records, sub_… for subjects' },
  CURSOR_INVALID: {
    status: 400,
    says: 'this cursor is not from the same search',
    hint: 'begin the search again without a cursor',
  },
  IF_MATCH_MISSING: {
    status: 428,
    says: 'a change needs the version it was made against',
    hint: 'send If-Match: "<version>" with the version you read',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    says: 'this idempotency key is not usable',
    hint: 'send 8 to 128 printable ASCII characters without spaces',
  },
  EXPIRY_INVALID: {
    status: 422,
    says: 'this expiry is not in the future',
    hint: 'send an ISO 8601 instant with time zone, later than now',
  },
  ATTACHMENTS_UNDECLARED: {
    status: 422,
    says: 'this collection takes no attachments',
    hint: 'declare attachments, with class and purposes, for the collection in catalog.yaml',
  },
  ATTACHMENT_NAME_INVALID: {
    status: 400,
    says: 'this is not a usable name of an attachment',
    hint: 'send Strongroom-Name with 1 to 255 bytes of UTF-8, percent-encoded, without slashes and control characters',
  },
  ATTACHMENT_TYPE_INVALID: {
    status: 400,
    says: 'this is not a media type',
    hint: 'send Content-Type as type/subtype, such as application/pdf, or leave it out',
  },
  ATTACHMENT_TOO_LARGE: {
    status: 413,
    says: 'this attachment is larger than this server takes',
    hint: 'send it in parts, or raise STRONGROOM_ATTACHMENT_MIB',
  },
  DIGEST_INVALID: {
    status: 400,
    says: 'this digest is not usable',
    hint: 'send Repr-Digest: sha-256=:<base64>: (RFC 9530), or leave it out',
  },
  DIGEST_MISMATCH: {
    status: 422,
    says: 'the content is not what its digest says: it was changed on its way',
    hint: 'send it again',
  },
  RANGE_INVALID: {
    status: 416,
    says: 'the attachment has no such bytes',
    hint: 'send Range: bytes=<first>-<last> within its size, one range at a time',
  },
  UPLOAD_CUT: { status: 400, says: 'the upload ended before its end', hint: 'send it again; nothing of it was kept' },

  // what was asked does not fit what is there
  NOT_FOUND: {
    status: 404,
    says: 'there is no such record',
    hint: 'check the id; erased and expired records are gone',
  },
  SUBJECT_NOT_FOUND: { status: 404, says: 'there is no such subject', hint: 'check the id; erased subjects are gone' },
  VERSION_STALE: {
    status: 412,
    says: 'the record has changed since you read it',
    hint: 'read it again and repeat the change on the new version',
  },
  DUPLICATE: {
    status: 409,
    says: 'there is a record with this external id already',
    hint: 'read that record, or send onDuplicate: skip or update',
  },
  NOT_UNIQUE: {
    status: 409,
    says: 'another record has this value in a unique field',
    hint: 'search for it by that field',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    says: 'this idempotency key was used for another request',
    hint: 'make a new key for each request',
  },
  ERASED: { status: 410, says: 'this subject was erased', hint: 'an erased subject cannot be written to again' },
  HELD: {
    status: 423,
    says: 'a legal hold keeps this',
    hint: 'it can go once the hold is lifted: strongroom collection retention holds',
  },
  RESTRICTED: {
    status: 423,
    says: 'processing of this subject is restricted',
    hint: 'only purposes for legal claims may read; lift the restriction first',
  },
  LIFT_UNTOLD: {
    status: 409,
    says: 'a restriction ends after its subject was told, and not before (GDPR art. 18(3))',
    hint: 'tell them: strongroom privacy restrictions end <subject>; then lift it when the time that they were told has come',
  },
  TOKEN_UNKNOWN: {
    status: 404,
    says: 'this token leads nowhere',
    hint: 'it may have expired, been used up, or its subject erased',
  },
  TOKEN_MISTYPED: { status: 400, says: 'this token has a typing error', hint: 'copy it again in full' },
  ATTACHMENT_NOT_FOUND: {
    status: 404,
    says: 'the record has no such attachment',
    hint: 'list the attachments of the record; names are compared letter by letter',
  },
  ATTACHMENTS_FULL: {
    status: 409,
    says: 'a record has at most 1,000 attachments',
    hint: 'delete those that are not needed any more',
  },
  UPLOAD_LOST: {
    status: 409,
    says: 'what this upload was for was taken away while it was under way',
    hint: 'is the record still there? if so, send it again; nothing of it was kept',
  },
  FIELD_IMMUTABLE: { status: 422, says: 'the external id of a record cannot be changed', hint: 'store a new record' },

  // who asks may not
  STEP_UP: {
    status: 401,
    says: 'this needs a newer authentication',
    hint: 'POST /v1/access/session/step-up with password and code, or a passkey; then try again',
  },
  DENIED: { status: 403, says: 'this is not allowed', hint: 'ask for a role or key whose scope covers it' },

  // what is stored is not what was sealed
  FORMAT_UNKNOWN: {
    status: 500,
    says: 'a stored box has an unknown format',
    hint: 'the stored bytes are damaged or from a newer version; restore them from a backup',
  },
  BOX_REFUSED: {
    status: 500,
    says: 'a stored box does not open: it was changed, moved or swapped',
    hint: 'restore the record from a backup',
  },
  KEY_REFUSED: {
    status: 500,
    says: 'a stored key does not open: it was changed, moved or swapped',
    hint: 'restore the key from the key backup',
  },
  SUITE_FORBIDDEN: {
    status: 500,
    says: 'a box was sealed with a suite that is forbidden now',
    hint: 'restore it from a backup and re-encrypt with strongroom vault rotate keys',
  },
  ROOT_KEY_WRONG: {
    status: 500,
    says: 'the root key does not open this vault',
    hint: 'point STRONGROOM_KMS and STRONGROOM_KMS_SECOND at the keys this database was made with',
  },
  SUITE_BROKEN: {
    status: 500,
    says: 'a cipher failed its known-answer test',
    hint: 'do not use this machine: its crypto library is broken',
  },
  SEALS_EXHAUSTED: {
    status: 503,
    says: "this subject's key has sealed as much as it may",
    hint: 'run strongroom vault rotate keys',
  },
  EPOCH_DESTROYED: {
    status: 410,
    says: 'the key epoch of this subject was destroyed',
    hint: 'nothing can open it any more; that was the point',
  },
} as const);

import { failures } from '#platform/failure';

export const violationFailure = failures('EDUCATION', {
  VIOLATION_NOT_FOUND: {
    status: 404,
    says: 'there is no such violation that you have a part in',
    hint: 'GET /v1/education/violations/mine lists what is about you, GET /v1/education/violations what is yours to do',
  },
  VIOLATION_INVALID: {
    status: 422,
    says: 'a violation cannot be opened like this',
    hint: '`detail` says why: docs/practices/education-violations.md',
  },
  VIOLATION_STATE: {
    status: 409,
    says: 'the violation is not at this point',
    hint: 'read it again: `may` says what is yours to do',
  },
  VIOLATION_UNREAD: {
    status: 409,
    says: 'there is something in it that you have not read',
    hint: 'read it first, with what the person said: GET /v1/education/violations/{id}',
  },
  SOURCE_REFUSED: {
    status: 422,
    says: 'this is nothing that a violation can stand on',
    hint: 'name an entry of the log, by number and hash, in which the person acted; GET /v1/education/violations/sources/{entry} shows one',
  },
  LADDER: {
    status: 422,
    says: 'the ladder of this policy does not go there',
    hint: '`allowed` names what it has for this, mild to grave',
  },
  NOT_YOURS: {
    status: 403,
    says: 'somebody else decides about this',
    hint: 'who decides is another person than who opened it and than whom it is about, stands in nothing of it, and has decided nothing in it before',
  },
});

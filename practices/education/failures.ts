import { failures } from '#platform/failure';

export const educationFailure = failures('EDUCATION', {
  PERSON_NEEDED: {
    status: 403,
    says: 'a person learns and signs, and a key is none',
    hint: 'sign in to the console, or use a session',
  },
  TEXT_NOT_FOUND: {
    status: 404,
    says: 'there is no such text',
    hint: 'GET /v1/education/texts lists those that were published',
  },
  TEXT_INVALID: {
    status: 422,
    says: 'the text has faults',
    hint: '`faults` has each with its line, and what to write instead: docs/formats/education-texts.md',
  },
  TEXT_CHANGED: {
    status: 409,
    says: 'another version was published meanwhile; nothing was changed',
    hint: 'read the newest version again, and publish on top of its hash',
  },
  PERSON_NOT_FOUND: {
    status: 404,
    says: 'there is nobody of this id',
    hint: 'GET /v1/access/people lists who works here',
  },
  PHISHING_OFF: {
    status: 409,
    says: 'phishing exercises are not set up here',
    hint: 'set STRONGROOM_PHISHING_URL, STRONGROOM_PHISHING_PORT and STRONGROOM_HELP_DESK: docs/practices/education-phishing.md',
  },
  TEMPLATE_UNKNOWN: {
    status: 422,
    says: 'there is no such template',
    hint: 'GET /v1/education/phishing/templates lists them',
  },
  EXERCISE_TIMES: {
    status: 422,
    says: 'the exercise has no such times',
    hint: 'it ends in the future, after it begins, within 60 days; zones are of the IANA database, such as Europe/Berlin',
  },
  NOT_STAFF: {
    status: 422,
    says: 'a recipient is nobody who works here',
    hint: 'recipients are ids of people (per_…) or roles; addresses are never taken, least of all a customer’s',
  },
  NOBODY_LEFT: {
    status: 409,
    says: 'nobody is left who could get this exercise',
    hint: '`leftOut` says why: one exercise in 30 days each, working hours within the times, active, and no customer',
  },
  GROUP_SMALL: {
    status: 409,
    says: 'the group is too small to keep single people out of its results',
    hint: 'in groups an exercise needs ten people or more',
  },
  EXERCISE_NOT_FOUND: {
    status: 404,
    says: 'there is no such exercise',
    hint: 'GET /v1/education/phishing/exercises lists them',
  },
  EXERCISE_OVER: { status: 409, says: 'the exercise does not run any more', hint: 'nothing of it leaves any more' },
  REPORT_UNREADABLE: {
    status: 422,
    says: 'the mail cannot be read as one',
    hint: 'send it as it arrived (.eml), at most 1 MiB',
  },
  CLUSTER_NOT_FOUND: {
    status: 404,
    says: 'there is no such report',
    hint: 'GET /v1/education/phishing/reports lists them',
  },
});

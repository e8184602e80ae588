import { failures } from '#platform/failure';

import { COURSE_FAILURES } from './packages/refusals.ts';

export const educationFailure = failures('EDUCATION', {
  ...COURSE_FAILURES,
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
  TEMPLATE_TAKEN: {
    status: 409,
    says: 'there is a template of this id',
    hint: 'give it another id, or change that one: PUT /v1/education/phishing/templates/{id} with If-Match; those that are shipped stay as they are',
  },
  TEMPLATE_STALE: {
    status: 412,
    says: 'the template was changed since you read it; nothing was saved',
    hint: 'read it again, put your change into what is there now, and send its version as If-Match',
  },
  TEMPLATE_UNSEEN: {
    status: 428,
    says: 'a change says which version it was made on',
    hint: 'send If-Match: "<version>" with the version you read',
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
    hint: 'one exercise in 30 days each, within working hours, for people who are active and no customers; which of it was missing is not told',
  },
  GROUP_SMALL: {
    status: 409,
    says: 'these are too few to keep single people out of the results',
    hint: 'an exercise needs ten people or more who can get it',
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
  TRY_NOT_FOUND: {
    status: 404,
    says: 'there is no such try of yours, or it asks for no such report',
    hint: 'begin one with POST /v1/education/exercises/{id}/tries',
  },
  TRY_OVER: {
    status: 409,
    says: 'this try is over',
    hint: 'begin another with POST /v1/education/exercises/{id}/tries; a try lasts two hours',
  },
  EXERCISE_BUSY: {
    status: 409,
    says: 'another exercise is open',
    hint: '`exercise` names it: hand it in, or give it up first',
  },
  OTHER_ROLE: {
    status: 409,
    says: 'this exercise is done in another role',
    hint: '`roles` names those that it is for: act in one of them, where it is yours, and begin again',
  },
  EXERCISE_UNSET: {
    status: 409,
    says: 'the exercise cannot be set up here at this moment',
    hint: 'its customers need a collection with all the fields that it names: change the exercise, or the catalogue',
  },
  WAIT: {
    status: 429,
    says: 'three tries are over: the next one is in a day',
    hint: '`until` says when; read the lesson again meanwhile',
  },
  OTHER_TRY: {
    status: 409,
    says: 'a try of another course at the same quiz is open',
    hint: '`course` names it: hand that one in first, or wait for its hour to end',
  },
  SITTING_NOT_FOUND: {
    status: 404,
    says: 'there is no such try of yours',
    hint: 'begin one with POST /v1/education/courses/{id}/sittings',
  },
  SITTING_OVER: {
    status: 409,
    says: 'this try is over, and counts once',
    hint: 'begin another with POST /v1/education/courses/{id}/sittings',
  },
  ANSWERS_INVALID: {
    status: 422,
    says: 'these are no answers to these questions',
    hint: 'for each question a list of places among its options, from 0',
  },
  CHECKS_WRONG: {
    status: 422,
    says: 'an answer about the policy is wrong: nothing was signed',
    hint: 'read the rules once more; `wrong` says how many',
  },
  NOT_SIGNED: { status: 404, says: 'you have not signed this policy', hint: 'sign it first: Sign in the console' },
  TEXT_TAKEN: {
    status: 409,
    says: 'there is a lesson of this id',
    hint: 'give the course another id: what passing one of them means would not be clear',
  },
  CERTIFICATE_NOT_FOUND: {
    status: 404,
    says: 'there is no such certificate',
    hint: 'GET /v1/education/certificates lists your own; to check one takes its number and the name that stands on it',
  },
  ZONE_UNKNOWN: {
    status: 422,
    says: 'there is no such time zone',
    hint: 'zones are of the IANA database, such as Europe/Berlin',
  },
  DATES_INVALID: {
    status: 422,
    says: 'these dates do not fit',
    hint: 'an end comes after its beginning; an exemption ends within a year',
  },
  ABSENCE_NOT_FOUND: { status: 404, says: 'there is no such absence without an end', hint: 'give its id, abs_…' },
  EXEMPTION_NOT_FOUND: {
    status: 404,
    says: 'there is no such exemption',
    hint: 'GET /v1/education/exemptions lists them',
  },
  EXEMPTION_STATE: {
    status: 409,
    says: 'the exemption is not at this point',
    hint: 'it was approved or ended before, or its end is over: read it again',
  },
  SECOND_EYES: {
    status: 403,
    says: 'this takes another person than you: somebody who signs in or whose own key it is, and not the one it is about',
    hint: 'an exemption is asked for and approved by two people, and nobody exempts themselves or says that they are away',
  },
  REPORTS_MANY: {
    status: 429,
    says: 'you have reported as much as one person can in an hour',
    hint: 'say the rest to whoever handles incidents, or add it in an hour; what you reported is kept',
  },
  DRILL_NOT_FOUND: {
    status: 404,
    says: 'there is no such drill that you were asked to take part in',
    hint: 'GET /v1/education/drills/mine lists yours; only who began a drill, or who keeps the training, stops it',
  },
  DRILL_BUSY: {
    status: 409,
    says: 'somebody is in another drill at that time',
    hint: '`people` names them: leave them out, wait until it is over, or stop the other one',
  },
  DRILL_INVALID: {
    status: 422,
    says: 'this cannot be done in the drill',
    hint: '`detail` says why',
  },
  DRILL_NOT_IN: {
    status: 409,
    says: 'you have not said that you are in',
    hint: 'POST /v1/education/drills/{id}/join first',
  },
  DRILL_NOT_YET: {
    status: 409,
    says: 'the drill has not come to that',
    hint: 'GET /v1/education/drills/{id} shows what has come so far',
  },
  DRILL_DECIDED: {
    status: 409,
    says: 'that was decided already, and the first decision counts',
    hint: 'read the drill again: it says who decided what',
  },
  DRILL_UNDECIDED: {
    status: 409,
    says: 'something that has come waits for a decision',
    hint: '`injects` names what is to be decided, and `scope` says whether the log is still to be asked',
  },
  DRILL_OVER: {
    status: 409,
    says: 'the drill is over',
    hint: 'GET /v1/education/drills/{id} has its score; begin another one',
  },
  INCIDENT_NOT_FOUND: {
    status: 404,
    says: 'there is no such incident',
    hint: 'GET /v1/education/incidents lists them',
  },
  INCIDENT_INVALID: {
    status: 422,
    says: 'this cannot be written down about the incident',
    hint: '`detail` says why; GET /v1/education/incidents/{id} shows clocks, tasks and decisions',
  },
  INCIDENT_CHANGED: {
    status: 409,
    says: 'somebody wrote something down about it meanwhile; nothing was changed',
    hint: 'read the incident again, and send `version` as it is now',
  },
  PHASE_REFUSED: {
    status: 409,
    says: 'the incident cannot go there yet',
    hint: '`detail` says what is missing, or where it can go',
  },
  REASONS_NEEDED: {
    status: 422,
    says: 'a decision has its reasons',
    hint: 'send them as `text`: who checks the register reads them',
  },
  TWO_PEOPLE: {
    status: 403,
    says: 'not to notify takes two people, and you are not the second one',
    hint: 'another person approves it, signed in or with a key of their own',
  },
  DECISION_NOT_FOUND: {
    status: 404,
    says: 'there is no such decision',
    hint: 'decisions of an incident are in GET /v1/education/incidents/{id}',
  },
  DECISION_STATE: {
    status: 409,
    says: 'that was decided already, or it was told already',
    hint: 'read the incident again',
  },
  DECISION_STALE: {
    status: 409,
    says: 'the scope is another one than when this was proposed',
    hint: 'refuse it, and propose anew on what is known now',
  },
  SCOPE_NOT_FOUND: {
    status: 404,
    says: 'the incident has no such scope, or the scope no such entry',
    hint: 'GET /v1/education/incidents/{id}/scopes lists them',
  },
});

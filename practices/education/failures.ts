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
});

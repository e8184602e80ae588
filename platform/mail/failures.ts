import { failures } from '#platform/failure';

export const mailFailure = failures('MAIL', {
  INVALID: { status: 422, says: 'this cannot be sent as a mail', hint: 'one address, a subject of one line, a text; headers have names and values of one line' },
  NOT_FOUND: { status: 404, says: 'there is no such mail', hint: 'GET /v1/mail/messages lists what there is' },
  UNSEALABLE: { status: 500, says: 'a mail in the outbox does not open', hint: 'it was changed in the database, or the root keys are another installation\'s' },
}); // prettier-ignore

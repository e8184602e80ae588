/** What the formats that travel refuse: intake envelopes, sealed exports, attachments, tokens. */
import { failures } from '#platform/failure';

export const sealingFailure = failures('SEALING', {
  KEY_INVALID: {
    status: 422,
    says: 'this is not a usable X-Wing key',
    hint: 'a public key is 1,216 bytes and a seed 32; take it again from where it was published',
  },
  HPKE_REFUSED: {
    status: 422,
    says: 'this does not open with this key: it was changed, or sealed for another key or another context',
    hint: 'ask the sender to seal it again for the published key',
  },
  ENVELOPE_UNKNOWN: {
    status: 422,
    says: 'this is not an intake envelope of a version known here',
    hint: 'seal with a current SDK; version 1 is docs/formats/sealed-intake.md',
  },
  ENVELOPE_FOREIGN: {
    status: 422,
    says: 'this envelope was sealed for another installation or a key that is not held here',
    hint: 'fetch the intake key again and seal anew',
  },
  ENVELOPE_EXPIRED: {
    status: 422,
    says: 'this envelope has expired, or expires later than allowed',
    hint: 'an envelope lives at most 30 days; seal the form again',
  },
  ENVELOPE_REFUSED: {
    status: 422,
    says: 'this envelope does not open: it was changed on its way',
    hint: 'ask the sender to send it again',
  },
  ENVELOPE_SEEN: {
    status: 409,
    says: 'this envelope was taken in before',
    hint: 'its form is stored; hand an envelope in once, or with the same Idempotency-Key',
  },
  FORM_INVALID: {
    status: 422,
    says: 'this form is not well formed',
    hint: 'a form has a collection, a purpose, up to 200 named fields and perhaps a subject, 64 KiB in all',
  },
  EXPORT_UNKNOWN: {
    status: 422,
    says: 'this is not a sealed export of a version known here',
    hint: 'version 1 is docs/formats/sealed-export.md',
  },
  EXPORT_NOT_FOR_YOU: {
    status: 422,
    says: 'this export was not sealed for any of these keys',
    hint: 'open it with the secret key of one of its recipients',
  },
  EXPORT_REFUSED: {
    status: 422,
    says: 'this export does not open: it was changed, cut short, or put together anew',
    hint: 'use nothing of it; copy the file again from where it was made',
  },
  EXPORT_RECIPIENTS: {
    status: 422,
    says: 'an export is sealed for 1 to 20 different recipients',
    hint: 'name each recipient once',
  },
  ATTACHMENT_REFUSED: {
    status: 500,
    says: 'a stored attachment does not open: it was changed, cut short, reordered or moved',
    hint: 'restore the attachment from a backup',
  },
  COMMITTED_REFUSED: {
    status: 422,
    says: 'this sealed message does not open: it was changed, or sealed with another key',
    hint: 'use nothing of it; fetch it again from where it was made',
  },
  TOKEN_SOURCE: {
    status: 422,
    says: 'this value cannot get a token of this kind',
    hint: 'FF1 takes 6 to 56 digits; a kept-form token needs room for 10,000 others; a card needs 12 to 19 digits',
  },
});

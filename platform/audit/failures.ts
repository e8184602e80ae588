import { failures } from '#platform/failure';

export const auditFailure = failures('AUDIT', {
  UNAVAILABLE: { status: 503, says: 'the audit log could not be written, so nothing was released', hint: 'see that the database answers, then try again' },
  OVERLOADED: { status: 503, says: 'too many audit entries are waiting', hint: 'try again in a moment, with fewer requests at a time' },
  ENTRY_INVALID: { status: 500, says: 'this cannot be written as an audit entry', hint: 'an entry is at most 60 KiB of well-formed text, without customers\' values' },
  TAMPERED: { status: 500, says: 'the stored audit log does not agree with what was signed', hint: 'run `strongroom audit verify` and keep the database as it is for whoever examines it' },
  NOT_PUBLISHED: { status: 503, says: 'this entry is durable, but not under a published checkpoint yet', hint: 'try again in a second or two' },
  NOT_FOUND: { status: 404, says: 'the log has no such entry, tile or checkpoint', hint: 'GET /v1/audit/checkpoint tells the size of the log' },
}); // prettier-ignore

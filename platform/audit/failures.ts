import { failures } from '#platform/failure';

export const auditFailure = failures('AUDIT', {
  UNAVAILABLE: { status: 503, says: 'the audit log could not be written, so nothing was released', hint: 'see that the database answers, then try again' },
  OVERLOADED: { status: 503, says: 'too many audit entries are waiting', hint: 'try again in a moment, with fewer requests at a time' },
  ENTRY_INVALID: { status: 500, says: 'this cannot be written as an audit entry', hint: 'an entry is at most 60 KiB of well-formed text, without customers\' values' },
  TAMPERED: { status: 500, says: 'the stored audit log does not agree with what was signed', hint: 'run `strongroom audit verify` and keep the database as it is for whoever examines it' },
  NOT_PUBLISHED: { status: 503, says: 'this entry is durable, but not under a published checkpoint yet', hint: 'try again in a second or two' },
  STALE: { status: 409, says: 'this checkpoint is neither the published one nor the offered one', hint: 'fetch GET /v1/audit/offered again, and cosign that' },
  NO_WITNESS: { status: 422, says: 'no witness of the policy of this log cosigned this', hint: 'the key of the witness must stand in the policy that STRONGROOM_AUDIT_POLICY names' },
  NOT_FOUND: { status: 404, says: 'the log has no such entry, tile or checkpoint', hint: 'GET /v1/audit/checkpoint tells the size of the log' },
}); // prettier-ignore

import { failures } from '#platform/failure';

export const httpFailure = failures('HTTP', {
  DRAINING: {
    status: 503,
    says: 'this server is about to stop',
    hint: 'send requests to another one; what is under way here is answered',
  },
  NOT_FOUND: { status: 404, says: 'there is no such route', hint: 'GET /openapi.json lists the routes' },
  PATH: {
    status: 400,
    says: 'the path is too long or not valid percent-encoded UTF-8',
    hint: 'encode each part of the path; GET /openapi.json lists the routes',
  },
  PROTOCOL: {
    status: 400,
    says: 'this is not a request of HTTP/1.1, or its headers are too large',
    hint: 'send headers of at most 16 KiB in all; for an https:// address speak TLS',
  },
  INVALID: {
    status: 400,
    says: 'the request does not fit its schema',
    hint: 'GET /openapi.json holds the schema of every route',
  },
  MALFORMED: {
    status: 400,
    says: 'the body is not valid JSON in UTF-8',
    hint: 'send JSON with Content-Type: application/json',
  },
  TOO_LARGE: { status: 413, says: 'the body is too large', hint: 'send fewer records at a time, or use an attachment' },
  MEDIA_TYPE: { status: 415, says: 'this content type is not taken here', hint: 'send application/json' },
  INTERNAL: {
    status: 500,
    says: 'the server failed',
    hint: 'try again; the request id names this case in the server log',
  },
  DISK_FULL: {
    status: 507,
    says: 'the disk of the database is full',
    hint: 'make room on it (that of STRONGROOM_HOME, or of the server that DATABASE_URL names): the server goes on by itself; then try again with the same Idempotency-Key',
  },
  DATABASE: {
    status: 503,
    says: 'the database did not answer',
    hint: 'it was done whole or not at all: send it again with the same Idempotency-Key; where its route knows none, look first',
  },
});

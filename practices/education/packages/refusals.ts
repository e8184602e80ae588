/** What goes wrong on purpose with courses made elsewhere; part of the practice's table. */
import type { FailureSpec } from '#platform/failure';

export const COURSE_FAILURES = {
  PACKAGE_INVALID: {
    status: 422,
    says: 'this is no course that can be taken in; nothing was kept',
    hint: '`detail` says why: a zip of SCORM 1.2 or 2004 with imsmanifest.xml at its top and one part that reports (a single SCO), or of cmi5 with cmi5.xml at its top',
  },
  PACKAGE_TOO_LARGE: {
    status: 413,
    says: 'the course is larger than one that is taken in; nothing was kept',
    hint: 'at most 256 MiB as a zip, 512 MiB and 5000 files unpacked; leave out videos that could be streamed',
  },
  COURSES_OFF: {
    status: 409,
    says: 'courses made elsewhere are not set up here',
    hint: 'set STRONGROOM_COURSES_URL, of another host than the console’s, and STRONGROOM_COURSES_PORT: docs/practices/education-courses.md',
  },
  RUN_NOT_FOUND: {
    status: 404,
    says: 'there is no such run of yours',
    hint: 'begin one with POST /v1/education/courses/{id}/runs',
  },
  RUN_OVER: {
    status: 409,
    says: 'this run is over, and counts once',
    hint: 'begin another with POST /v1/education/courses/{id}/runs',
  },
  RUN_KIND: {
    status: 409,
    says: 'this run is of another kind of course',
    hint: 'a course of cmi5 is begun part by part, and its parts state their results themselves: POST /v1/education/runs/{id}/parts/{part}/sessions; one of SCORM has no parts',
  },
  PART_NOT_FOUND: {
    status: 404,
    says: 'the course has no such part',
    hint: 'GET /v1/education/runs/{id} lists its parts, from 0',
  },
  PART_DONE: {
    status: 409,
    says: 'this part, or the course, is done already',
    hint: 'there is nothing left to waive',
  },
  PARTS_MANY: {
    status: 429,
    says: 'you began as many parts as one person can in an hour',
    hint: 'wait as long as Retry-After says; the part that is open goes on',
  },
  XAPI_INVALID: {
    status: 400,
    says: 'this is nothing that is taken here as xAPI 1.0.3',
    hint: '`detail` says which rule; docs/practices/education-courses.md has what is taken',
  },
  XAPI_TOKEN: {
    status: 401,
    says: 'the token opens nothing, or not any more',
    hint: 'it is handed out once by the fetch address of a launch, and ends with its session',
  },
  XAPI_FORBIDDEN: {
    status: 403,
    says: 'the session does not reach that',
    hint: 'a session reads and writes what is of its own actor, registration and activity',
  },
  XAPI_NOT_FOUND: { status: 404, says: 'there is no such thing', hint: 'nothing was kept under this name' },
  XAPI_CONFLICT: {
    status: 409,
    says: 'there is another one of this name, and nothing was changed',
    hint: 'a statement stays as it was; a document is replaced with If-Match and the ETag of what is there now: read it first',
  },
  XAPI_STALE: {
    status: 412,
    says: 'it was changed since you read it; nothing was changed',
    hint: 'read it again, and send its ETag as If-Match',
  },
  XAPI_BUSY: {
    status: 429,
    says: 'this session has as many requests under way as are taken at once',
    hint: 'at most four at once: wait for an answer, then send the next one; statements can come together, up to 50 in one request',
  },
  XAPI_TOO_LARGE: {
    status: 413,
    says: 'that is more than is kept of a course',
    hint: '`detail` says which bound',
  },
} as const satisfies Readonly<Record<string, FailureSpec>>;

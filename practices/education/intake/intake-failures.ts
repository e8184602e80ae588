import { failures } from '#platform/failure';

export const intakeFailure = failures('EDUCATION', {
  NAMELESS_NOT_FOUND: {
    status: 404,
    says: 'there is no such report without a name',
    hint: 'GET /v1/education/incidents/reports lists them; closed ones go after 90 days',
  },
  NAMELESS_STATE: {
    status: 409,
    says: 'that cannot be done with this report now',
    hint: '`detail` says why; read the report again',
  },
  NAMELESS_CROSS_SITE: {
    status: 403,
    says: 'this form was sent by a page of another site',
    hint: 'open the page of this system, and send it from there',
  },
});

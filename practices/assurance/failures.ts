import { failures } from '#platform/failure';

export const assuranceFailure = failures('ASSURANCE', {
  RUN_GOING: {
    status: 409,
    says: 'a run is going on',
    hint: 'one at a time: GET /v1/assurance/runs shows how far it is',
  },
  TEST_UNKNOWN: {
    status: 422,
    says: 'there is no such test or family',
    hint: 'GET /v1/assurance/tests lists them',
  },
  STOPPED: {
    status: 409,
    says: 'tests are switched off',
    hint: 'who pulled the switch, and why, is in GET /v1/assurance/posture; DELETE /v1/assurance/switch lets them go on',
  },
  INCIDENT_OPEN: {
    status: 409,
    says: 'an incident is open: nobody attacks this system now',
    hint: 'close the incident first; what is tried out now could not be told from what is happening',
  },
  NOT_ARMED: {
    status: 409,
    says: 'attacks are not armed',
    hint: 'two people arm them for a time: POST /v1/assurance/arms, then POST /v1/assurance/arms/:id/approve',
  },
  NOT_FOUND: { status: 404, says: 'there is no such thing', hint: 'the lists of /v1/assurance have the ids' },
  SAME_PERSON: {
    status: 409,
    says: 'this takes two people',
    hint: 'somebody else than who proposed it has to approve it',
  },
  PERSON_NEEDED: {
    status: 409,
    says: 'this takes a person',
    hint: 'sign in; a key that nobody stands behind is nobody’s second pair of eyes',
  },
  WRONG_STATE: {
    status: 409,
    says: 'it is not in a state for that',
    hint: 'read it again: `state` says where it is, and `can` what can be done',
  },
  CHANGED: {
    status: 409,
    says: 'somebody changed it meanwhile; nothing was done',
    hint: 'read it again, and send the version that it has now',
  },
  REASON_NEEDED: {
    status: 422,
    says: 'it has to say why',
    hint: 'the detail says what is missing; a year from now nobody knows it otherwise',
  },
  NO_CONTACT: {
    status: 404,
    says: 'nobody said where weaknesses are reported to',
    hint: 'STRONGROOM_SECURITY_CONTACT and STRONGROOM_SECURITY_EXPIRES, a day that is not over, make it',
  },
  SOURCE_MALFORMED: {
    status: 422,
    says: 'this is no address and no network',
    hint: 'name where the testers come from, as 192.0.2.7 or 192.0.2.0/28: what is noticed from there says whose test it is',
  },
  SCAN_GOING: {
    status: 409,
    says: 'a scan goes on',
    hint: 'one scanner runs at a time: strongroom assurance scan says which',
  },
  SCANNER_UNKNOWN: {
    status: 422,
    says: 'there is no such scanner',
    hint: 'strongroom assurance scan lists those that there are; any other one’s report is taken by strongroom assurance import',
  },
  SCANNER_NOT_HERE: {
    status: 409,
    says: 'this scanner has nothing to do here',
    hint: 'install it (apt-get install nmap sslscan), or name its place in STRONGROOM_ASSURANCE_SCANNERS; those that look at TLS need a system that serves it',
  },
  NOTHING_YET: {
    status: 409,
    says: 'there is nothing to export yet',
    hint: 'let a run end first: POST /v1/assurance/runs',
  },
  UNREADABLE: {
    status: 422,
    says: 'this cannot be read',
    hint: 'name the format, and send the tool’s own output as it is',
  },
  ROLE_UNFIT: {
    status: 422,
    says: 'testers get no key of this role',
    hint: 'name a role of your policies that reads neither the log nor findings nor traffic: what testers are noticed for is not theirs to see',
  },
  TIME_MALFORMED: {
    status: 422,
    says: 'this is no time',
    hint: 'name a day and a time of it, as 2026-11-27T09:00:00Z',
  },
  TOO_LONG: {
    status: 422,
    says: 'that is too long a time',
    hint: 'a finding is accepted for 180 days at most; attacks are armed, and others test, for 90',
  },
});

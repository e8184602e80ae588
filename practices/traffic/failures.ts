import { failures } from '#platform/failure';

export const trafficFailure = failures('TRAFFIC', {
  UNSEALABLE: {
    status: 500,
    says: 'a block of events cannot be opened: it was changed, or its key is another',
    hint: 'restore the database together with its keys; other blocks are not touched',
  },
  NOT_FOUND: {
    status: 404,
    says: 'there is no such thing in traffic',
    hint: 'the lists under /v1/traffic name what is there',
  },
  CASE_CLOSED: {
    status: 409,
    says: 'the case is closed',
    hint: 'a new alert about the same opens a new one; read this one as it stands',
  },
  CASE_TAKEN: {
    status: 409,
    says: 'somebody else works on this case',
    hint: 'take it over with "takeOver": true, and say in the note why',
  },
  RULE_MALFORMED: {
    status: 422,
    says: 'this is no rule that can be run',
    hint: 'the detail names the line; docs/practices/traffic.md shows one that works',
  },
  RULE_KNOWN: {
    status: 409,
    says: 'another rule has this id or name',
    hint: 'give your rule an id (a new UUID) and a name of its own; a shipped rule is switched off, not replaced',
  },
  PROTECTED_ADDRESS: {
    status: 422,
    says: 'this address is never blocked',
    hint: 'your own address, loopback, trusted proxies and the networks of STRONGROOM_NEVER_BLOCK always stay let in; hold back the key or the person instead',
  },
  NETWORK_TOO_WIDE: {
    status: 422,
    says: 'this network is too wide to be blocked',
    hint: 'at most a /24 of IPv4 and a /56 of IPv6: use the firewall policy for more',
  },
  TARGET_MALFORMED: {
    status: 422,
    says: 'this cannot be held back: it is neither a key, a person nor an address',
    hint: 'key_…, per_…, or an address such as 192.0.2.1 or 2001:db8::1',
  },
  BLOCKED: {
    status: 403,
    says: 'requests from this address are refused for now',
    hint: 'the people who run this system can say why, and until when',
  },
  HELD_BACK: {
    status: 429,
    says: 'requests of this actor are held back for now',
    hint: 'wait for as long as Retry-After says; the people who run this system can say why',
  },
  SUSPICIOUS_REQUEST: {
    status: 403,
    says: 'the request looks like an attack and was refused',
    hint: 'if it was none, tell the people who run this system the request id',
  },
  UNINSPECTED: {
    status: 403,
    says: 'the request could not be looked at as a whole, and was refused',
    hint: 'send fewer or shorter values in its address and headers',
  },
  INSPECTION_BUSY: {
    status: 503,
    says: 'there was no time to look at the request, and it was refused',
    hint: 'try again after as long as Retry-After says; send requests more slowly',
  },
  FEED_MALFORMED: {
    status: 422,
    says: 'nothing of this could be read as events',
    hint: 'name the format they are in: eve, zeek, access-log, syslog or vpc-flow, and send whole lines',
  },
  TIME_MALFORMED: {
    status: 422,
    says: 'this is no time',
    hint: 'as 2026-01-31T12:00:00Z (RFC 3339)',
  },
  HONEY_KNOWN: {
    status: 409,
    says: 'this is honey already',
    hint: 'GET /v1/traffic/honey lists what is planted',
  },
  FULL: {
    status: 409,
    says: 'there are as many of these as there can be at once',
    hint: 'end some that are needed no longer; against many addresses a network, or the firewall policy, is the better measure',
  },
  OWN_CASE: {
    status: 403,
    says: 'this is about you: somebody else decides it',
    hint: 'ask another person who works on cases or takes measures',
  },
  PLAYBOOK_TWICE: {
    status: 422,
    says: 'two playbooks have the same id',
    hint: 'leave the id out of a new one: it gets its own',
  },
  PLAYBOOKS_CHANGED: {
    status: 409,
    says: 'somebody saved playbooks since these were read',
    hint: 'read them again and make your change in what holds now; leave the version out to replace whatever holds',
  },
  ACTION_UNFIT: {
    status: 422,
    says: 'this case names nothing that the action could be done to',
    hint: 'step-up and revoke-sessions need a person, revoke-key a key, block-address needs an address',
  },
});

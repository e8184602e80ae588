/**
 * A planted customer was touched: said at once. Which customers those are only the sensor knows; the event says how many.
 * False-positive budget: none by design; an export of everybody touches the honey too, and is worth a look.
 */
import type { Alert, Detector } from '../alert.ts';
import { entityOf } from '../behaviour/watch.ts';
import type { TrafficEvent } from '../event.ts';
import type { Honey } from '../guard/honey.ts';

export const HONEY_RULE = 'behaviour.honey-record';
const NONE: readonly Alert[] = [];

export function ownHoneyDetector({ hasTokens, isHoneyToken }: Pick<Honey, 'hasTokens' | 'isHoneyToken'>): Detector {
  return {
    windowMs: 0,
    held: () => ({ keys: 0, most: 0 }),
    feed: (event) => {
      if (hasTokens() && hasToken(event, isHoneyToken)) return [tokenAlert(event, isHoneyToken)];
      const touched = event.strongroom?.honey ?? 0;
      if (touched === 0) return NONE;
      const who = event.actor?.user?.uid ?? 'somebody';
      const from = event.src_endpoint?.ip === undefined ? '' : ` from ${event.src_endpoint.ip}`;
      return [
        {
          uid: `${HONEY_RULE}:${event.metadata.uid}`,
          rule: HONEY_RULE,
          title: 'A honey customer was touched',
          severity: 'high',
          key: `actor=${who}`,
          entity: entityOf(event),
          time: event.time,
          events: [event.metadata.uid],
          reason: `${who}${from} touched ${touched === 1 ? 'a planted customer' : `${touched} planted customers`} (${event.strongroom?.action ?? 'a request'}): nobody has a reason to.`,
          measure: { name: 'planted customers touched', value: touched, usual: 0, limit: 0 },
          attack: ['T1213'],
        },
      ];
    },
  };
}

const HONEY_TOKEN = 'behaviour.honey-token';
/** Of each field, at most. */
const LOOKED_AT = 4096;

/** Whole words of what somebody asked for, where from, and by which name. */
function hasToken(event: TrafficEvent, isHoneyToken: (word: string) => boolean): boolean {
  const { url, user_agent: agent, referrer } = event.http_request ?? {};
  const fields = [url?.path, url?.query_string, url?.hostname, agent, referrer, event.query?.hostname, event.tls?.sni, event.actor?.user?.uid]; // prettier-ignore
  return fields.some((field) => isIn(field, isHoneyToken));
}

const isIn = (field: string | undefined, isHoneyToken: (word: string) => boolean): boolean =>
  field
    ?.slice(0, LOOKED_AT)
    // in an address within an address what stands before it is encoded: its last digits would be taken for the word's beginning
    .replaceAll(/%([0-9a-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .match(/[A-Za-z0-9_-]{16,128}/g)
    ?.some(isHoneyToken) === true;

/** It names neither the token nor where it lay: whoever may manage honey looks it up. */
function tokenAlert(event: TrafficEvent, isHoneyToken: (word: string) => boolean): Alert {
  // who gave it as their name is called by where they are
  const { actor, ...others } = event;
  const entity = entityOf(isIn(actor?.user?.uid, isHoneyToken) ? others : event);
  const who = entity.actor ?? entity.address ?? 'somebody';
  return {
    uid: `${HONEY_TOKEN}:${event.metadata.uid}`,
    rule: HONEY_TOKEN,
    title: 'A honey token was used',
    severity: 'high',
    key: `actor=${who}`,
    entity,
    time: event.time,
    events: [event.metadata.uid],
    reason: `${who} used a token that was planted (seen by ${event.metadata.log_name}): where it lay has been read.`,
    measure: { name: 'planted tokens used', value: 1, usual: 0, limit: 0 },
    attack: ['T1078', 'T1552'],
  };
}

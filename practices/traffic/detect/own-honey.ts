/**
 * A planted customer was touched: said at once. Which customers those are only the sensor knows; the event says how many.
 * False-positive budget: none by design; an export of everybody touches the honey too, and is worth a look.
 */
import type { Alert, Detector } from '../alert.ts';
import { entityOf } from '../behaviour/watch.ts';

export const HONEY_RULE = 'behaviour.honey-record';
const NONE: readonly Alert[] = [];

export function ownHoneyDetector(): Detector {
  return {
    windowMs: 0,
    held: () => ({ keys: 0, most: 0 }),
    feed: (event) => {
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
          reason: `${who}${from} touched ${touched} planted customers (${event.strongroom?.action ?? 'a request'}): nobody has a reason to.`,
          measure: { name: 'planted customers touched', value: touched, usual: 0, limit: 0 },
          attack: ['T1213'],
        },
      ];
    },
  };
}

/** Puts to an alert about reads which customers they were: events count them, the store knows them. */
import type { Tx } from '#platform/db';
import { subjectIdText } from '#platform/ids';

import type { Alert } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import { isOwnActor } from '../record/block.ts';
import { honeyTouchedBy, touchedBy } from '../store/touches.ts';
import { HONEY_RULE } from './own-honey.ts';

const NAMED = 10_000;
const AN_HOUR_MS = 3_600_000;
/**
 * A touch is written with the event, by a clock that is a little later than when the request began; and one that comes again
 * within five minutes and the minute that a server remembers it (store/touches.ts, sensors/requests.ts) is not written anew.
 */
const SLACK_MS = 7 * 60_000;

export function createNaming() {
  return (tx: Tx, alerts: readonly Alert[], find: (uid: string) => TrafficEvent | undefined): Promise<Alert[]> =>
    Promise.all(
      alerts.map(async (alert) => {
        const who = alert.entity.key ?? alert.entity.actor;
        if (alert.subjects !== undefined || who === undefined || !isOwnActor(who)) return alert;
        const events = alert.events.flatMap((uid) => find(uid) ?? []);
        if (!events.some(({ strongroom }) => (strongroom?.subjects ?? 0) > 0)) return alert;
        const since = new Date(Math.min(alert.time - AN_HOUR_MS, ...events.map(({ time }) => time)) - SLACK_MS);
        const found =
          alert.rule === HONEY_RULE
            ? await honeyTouchedBy(tx, who, since, NAMED)
            : await touchedBy(tx, who, null, since, NAMED);
        return found.length === 0 ? alert : { ...alert, subjects: found.map(subjectIdText) };
      }),
    );
}

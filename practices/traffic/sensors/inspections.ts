/**
 * The sensor of what was found in the system's own requests: a finding of OCSF for each that was not clean, with the
 * signature's id and where it stood. What it cannot hold is dropped and counted.
 *
 * INVARIANT: nothing of what was sent.
 */
import { eventOf, type Source, type TrafficEvent } from '../event.ts';
import type { InspectionHealth, Looked } from '../inspect/inspection.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Finished } from './requests.ts';

export const INSPECTION: Source = { log_name: 'inspection', product: 'strongroom' };
/** In the place of signatures, for what was not looked at as a whole. */
export const NOT_INSPECTED = 'not-inspected';
const MOST = 5_000;
const PART = 1_000;

export type InspectionSensor = Readonly<{
  found: (request: Finished, looked: Looked) => void;
  flush: () => Promise<void>;
}>;

export function createInspectionSensor({ recorder, clock, node, health, most = MOST }: Readonly<{ recorder: Recorder; clock: () => Date; node: string; health: () => InspectionHealth; most?: number }>): InspectionSensor {
  let events: TrafficEvent[] = [];
  let dropped = 0;
  return {
    found: (request, looked) => {
      if (events.length >= most) dropped += 1;
      else events.push(findingOf(request, looked, clock().getTime()));
    },
    flush: async () => {
      while (events.length > 0 || dropped > 0) {
        const [now, droppedNow] = [events.slice(0, PART), dropped];
        const problem = droppedNow > 0 ? 'findings were dropped: more came than could be written' : engineProblem(health());
        await recorder.record(INSPECTION.log_name, node, { events: now, dropped: droppedNow, problem });
        events = events.slice(now.length);
        dropped -= droppedNow;
      }
    },
  };
} // prettier-ignore

/** Null: the engine that should serve does. */
export const engineProblem = ({ engine }: InspectionHealth): string | null => (engine === 'libddwaf' ? null : engine);

function findingOf(request: Finished, { verdict, found, refused }: Looked, now: number): TrafficEvent {
  const { id, method, route, address, ms, actor, status } = request;
  return eventOf(
    INSPECTION,
    {
      class: 'finding',
      uid: `${id}:inspection`,
      activity_id: 1,
      // low: one request that looks like an attack is the Internet's noise; rules say when it is more
      severity_id: verdict === 'match' ? 2 : 1,
      time: Math.round(now - ms),
      status_id: refused === null ? 1 : 2,
      ...(address === '' ? {} : { src_endpoint: { ip: address } }),
      ...(actor === null
        ? {}
        : {
            actor: {
              user: { uid: actor.id, ...(actor.person === undefined ? {} : { type: actor.person }) },
              ...(actor.session === undefined ? {} : { session: { uid: actor.session } }),
            },
          }),
      http_request: { http_method: method, url: { path: route } },
      http_response: { code: status },
      api: { operation: 'traffic.inspection', request: { uid: id } },
      finding_info: {
        uid: id,
        title: found[0]?.title ?? 'not all of a request was looked at',
        types: verdict === 'match' ? [...new Set(found.map(({ rule }) => rule))] : [NOT_INSPECTED],
      },
      unmapped: { places: [...new Set(found.map(({ place }) => place))].join(' ') },
    },
    now,
  );
}

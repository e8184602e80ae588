/**
 * The sensor of the system's own requests: what each request asked and got, and which customers it touched.
 *
 * It learns the second half from the audit log as entries are written: no route can forget to say it. It stands beside the
 * request and never in its way: what it cannot hold is dropped, counted, and said.
 *
 * INVARIANT: no value of a customer's: a path is the route's pattern, never what stood in it.
 */
import type { AuditEvent } from '#platform/audit';
import type { SubjectId } from '#platform/ids';

import { eventOf, type Source, type TrafficEvent } from '../event.ts';
import type { Recorder } from '../record/recorder.ts';
import type { Touch } from '../store/touches.ts';

export type Finished = Readonly<{
  id: string;
  method: string;
  /** Pattern of the route; empty where there was none. */
  route: string;
  address: string;
  status: number;
  /** Of the answer's body. */
  bytes: number;
  ms: number;
  userAgent: string;
  /** Null: nobody was let in. */
  actor: Readonly<{ id: string; role: string; person?: string | undefined; session?: string | undefined }> | null;
  /** Of the problem that was answered. */
  code?: string | undefined;
}>;
export type RequestSensor = Readonly<{
  isOn: () => boolean;
  /** Off until the server begins: of a system that is only proven nothing is written down. */
  turn: (to: 'on' | 'off') => void;
  /** An entry that is in the log. */
  entry: (event: AuditEvent) => void;
  finished: (request: Finished) => void;
  /** Writes down what there is; the rest waits for the next time. */
  flush: () => Promise<void>;
  health: () => Readonly<{ waiting: number; dropped: number }>;
}>;
export type RequestSensorNeeds = Readonly<{
  recorder: Pick<Recorder, 'record'>;
  clock: () => Date;
  node: string;
  /** Events that wait at most; more are dropped and counted. */
  most?: number;
  /** A customer that was planted. */
  isHoney?: (subjectId: SubjectId) => boolean;
  onFull?: () => void;
  begins?: 'on' | 'off';
}>;

export const OWN: Source = { log_name: 'requests', product: 'strongroom' };
const MOST = 20_000;
/** Touched customers that wait at most: an export of a million goes by in pieces. */
const MOST_TOUCHES = 200_000;
/** Requests between their first entry and their end. */
const MOST_OPEN = 10_000;
const PART = 5000;
/** One who was touched a moment ago is not written again (store/touches.ts): so many are remembered. */
const MOST_WRITTEN = 50_000;
const WRITTEN_MS = 60_000;
const DAY_MS = 86_400_000;

/** A session that begins, or was refused. */
const SIGN_IN = 'access.session.begin';
/** Entries after which a customer's data has left; what the system does by itself is nobody's reading. */
const SHOWS = new Set(['vault.read', 'vault.search', 'vault.export', 'vault.detokenise', 'vault.download', 'vault.attachments', 'vault.tokenise']); // prettier-ignore

/** Methods of HTTP Activity and what they are to API Activity: 1 create, 2 read, 3 update, 4 delete. */
const ACTIVITY: Readonly<Record<string, number>> = { POST: 1, GET: 2, HEAD: 2, PUT: 3, PATCH: 3, DELETE: 4 };

type Touched = {
  action: string;
  purpose: string | undefined;
  classes: Set<string>;
  subjects: number;
  honey: number;
  role: string | undefined;
  /** None of a customer's: cases and baselines would keep the id of one who is erased. */
  actor: string | undefined;
  signIn: AuditEvent | undefined;
  /** The first of the policies that refused it. */
  refusedBy: string | undefined;
};

/** Not of a clock that ran ahead, either. */
const isWithin = (until: number, now: number): boolean => now < until && now >= until - WRITTEN_MS;

export function createRequestSensor(needs: RequestSensorNeeds): RequestSensor {
  const { recorder, clock, node, most = MOST, isHoney = () => false, onFull } = needs;
  let events: TrafficEvent[] = [];
  let touches: Touch[] = [];
  const open = new Map<string, Touched>();
  /** Touches that are in the database, until then. */
  const written = new Map<string, number>();
  const wasWritten = ({ subjectId, actor, purpose }: Touch, now: number): boolean =>
    isWithin(written.get(`${subjectId} ${actor} ${purpose}`) ?? 0, now);
  const noteWritten = (part: readonly Touch[]): void => {
    if (written.size + part.length > MOST_WRITTEN) written.clear();
    for (const { subjectId, actor, purpose, at } of part) {
      const time = at.getTime();
      // a day has a row of its own
      const until = Math.min(time + WRITTEN_MS, (Math.floor(time / DAY_MS) + 1) * DAY_MS);
      written.set(`${subjectId} ${actor} ${purpose}`, until);
    }
  };
  let [dropped, droppedTotal, isFull] = [0, 0, false];
  let on = needs.begins !== 'off';
  const drop = (n: number): void => {
    dropped += n;
    droppedTotal += n;
    // once for each time that it fills up
    if (!isFull) onFull?.();
    isFull = true;
  };

  return {
    isOn: () => on,
    turn: (to) => {
      on = to === 'on';
      if (!on) open.clear();
    },
    entry: (event) => {
      if (!on) return;
      const { action, actor, subjects = [], purpose, classes = [], requestId, outcome, decision } = event;
      if (requestId === undefined) return;
      const known = open.get(requestId);
      const touched = known ?? {
        action,
        purpose,
        classes: new Set(),
        subjects: 0,
        honey: 0,
        role: actor.role,
        actor: actor.kind === 'subject' ? undefined : nameOf(actor.id),
        signIn: undefined,
        refusedBy: undefined,
      };
      if (known === undefined) {
        if (open.size >= MOST_OPEN) open.delete(open.keys().next().value as string);
        open.set(requestId, touched);
      }
      touched.action = action;
      if (action === SIGN_IN) touched.signIn = event;
      touched.purpose ??= purpose;
      if (decision?.allow === false) touched.refusedBy ??= decision.policies[0];
      for (const each of classes) if (touched.classes.size < 20) touched.classes.add(each);
      if (actor.kind === 'system') return;
      const distinct = [...new Set(subjects)];
      // nobody has a reason to change one either, to try in vain, or to sign in as one
      const planted = distinct.filter(isHoney);
      touched.honey += planted.length;
      const counted = outcome === 'done' && SHOWS.has(action) && actor.kind !== 'subject' ? distinct : planted;
      touched.subjects += counted.length;
      if (actor.kind === 'subject') return;
      if (touches.length + counted.length > MOST_TOUCHES) return drop(counted.length);
      const at = clock();
      for (const subjectId of counted) {
        const touch = { subjectId, actor: actor.id, purpose: purpose ?? '-', at };
        if (!wasWritten(touch, at.getTime())) touches.push(touch);
      }
    },
    finished: (request) => {
      if (!on) return;
      const touched = open.get(request.id);
      if (touched !== undefined) open.delete(request.id);
      if (events.length >= most) return drop(1);
      if (touched?.signIn !== undefined) events.push(signInEvent(request, touched.signIn, clock().getTime()));
      events.push(ownEvent(request, touched, clock().getTime()));
    },
    flush: async () => {
      for (;;) {
        const [eventsNow, touchesNow, droppedNow] = [events.slice(0, PART), touches.slice(0, PART), dropped];
        if (eventsNow.length === 0 && touchesNow.length === 0 && droppedNow === 0) break;
        const problem = droppedNow > 0 ? 'events were dropped: more came than could be written' : null;
        await recorder.record(OWN.log_name, node, { events: eventsNow, touches: touchesNow, dropped: droppedNow, problem });
        // what came meanwhile stands behind; what could not be written is still here
        events = events.slice(eventsNow.length);
        touches = touches.slice(touchesNow.length);
        noteWritten(touchesNow);
        dropped -= droppedNow;
        isFull = false;
      }
    }, // prettier-ignore
    health: () => ({ waiting: events.length + touches.length, dropped: droppedTotal }),
  };
}

/** Signing in, as detections of guessed passwords count it: who, from where, and whether it was let. */
function signInEvent({ id, address, userAgent }: Finished, { actor, outcome }: AuditEvent, now: number): TrafficEvent {
  const who = nameOf(actor.id);
  return eventOf(
    OWN,
    {
      class: 'authentication',
      uid: `${id}:sign-in`,
      activity_id: 1,
      time: now,
      status_id: outcome === 'done' ? 1 : 2,
      ...(address === '' ? {} : { src_endpoint: { ip: address } }),
      ...(who === undefined ? {} : { actor: { user: { uid: who } } }),
      http_request: { http_method: 'POST', url: { path: '/v1/access/session' }, user_agent: userAgent.slice(0, 200) },
    },
    now,
  );
}

function ownEvent(request: Finished, touched: Touched | undefined, now: number): TrafficEvent {
  const { id, method, route, address, status, bytes, ms, userAgent, actor, code } = request;
  const time = Math.round(now - ms);
  const uid = actor?.id ?? touched?.actor;
  return eventOf(
    OWN,
    {
      class: 'api',
      uid: id,
      activity_id: ACTIVITY[method] ?? 99,
      time,
      status_id: status < 400 ? 1 : 2,
      status_code: String(status),
      ...(address === '' ? {} : { src_endpoint: { ip: address } }),
      ...(uid === undefined
        ? {}
        : {
            actor: {
              user: { uid, ...(actor?.person === undefined ? {} : { type: actor.person }) },
              ...(actor?.session === undefined ? {} : { session: { uid: actor.session } }),
            },
          }),
      http_request: { http_method: method, url: { path: route }, user_agent: userAgent.slice(0, 200) },
      http_response: { code: status, length: bytes, latency: Math.round(ms) },
      api: { operation: touched?.action ?? `${method} ${route}`, request: { uid: id } },
      ...(touched === undefined && actor === null && code === undefined
        ? {}
        : {
            strongroom: {
              ...(touched === undefined
                ? {}
                : {
                    action: touched.action,
                    subjects: touched.subjects,
                    ...(touched.honey === 0 ? {} : { honey: touched.honey }),
                  }),
              ...(touched?.refusedBy === undefined ? {} : { refused_by: touched.refusedBy }),
              ...(touched?.purpose === undefined ? {} : { purpose: touched.purpose }),
              ...(touched === undefined || touched.classes.size === 0 ? {} : { classes: [...touched.classes] }),
              ...rolePart(actor?.role ?? touched?.role),
              ...(code === undefined ? {} : { code }),
            },
          }),
    },
    now,
  );
}

/** Nobody whom the system knows is not somebody called so: strangers all over would be one actor. */
const nameOf = (actor: string): string | undefined => (actor === 'unknown' ? undefined : actor);

const rolePart = (role: string | undefined): { role?: string } => (role === undefined ? {} : { role });

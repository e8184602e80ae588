/**
 * What a detection says. It explains itself: which rule, about whom, which events, against which usual measure, which
 * customers. Alerts become cases (cases/).
 */
import type { TrafficEvent } from './event.ts';

export const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** About whom an alert is: the narrowest that is known comes first when something is done about it. */
export type Entity = Readonly<{
  session?: string;
  /** `key_…` */
  key?: string;
  /** Who acts: a key's or person's id, or the name that a foreign log has. */
  actor?: string;
  address?: string;
  /** A machine of ours, by address or name. */
  host?: string;
}>;

export type Alert = Readonly<{
  /** The same when the same events are looked at again: made of rule, key and window. */
  uid: string;
  /** Of the rule or detection; a Sigma rule's own id. */
  rule: string;
  title: string;
  severity: Severity;
  /** What alerts of one rule are told apart by, as `actor=key_…`. */
  key: string;
  entity: Entity;
  /** Milliseconds since 1970, by the events' clock. */
  time: number;
  /** uids of events that show it, the newest last, 100 at most. */
  events: readonly string[];
  /** In plain words, with the figures; no customer's value. */
  reason: string;
  /** What was measured against what is usual. */
  measure?: Readonly<{ name: string; value: number; usual: number; limit: number }>;
  /** Ids of customers, 10,000 at most; `subjectsLeftOut` says how many more. */
  subjects?: readonly string[];
  subjectsLeftOut?: number;
  /** MITRE ATT&CK techniques, as `T1078.004`. */
  attack: readonly string[];
  /** It is about the detection and not about what was detected: a rule was suspended. */
  notice?: true;
}>;

/** One detection, or a set of them. Its state is bounded, and made again from the events of its window. */
export type Detector = Readonly<{
  /** Takes the next event in the order of the store. */
  feed: (event: TrafficEvent) => readonly Alert[];
  /** What it was fed so far was shown again after a start: nobody is told of it, so it uses up no budget. */
  begun?: () => void;
  /** How far back events must be given again after a start, in milliseconds. */
  windowMs: number;
  /** Keys held now, and at most. */
  held: () => Readonly<{ keys: number; most: number }>;
}>;

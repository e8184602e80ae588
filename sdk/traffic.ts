/** Traffic: what moves, what was found in it, who works on it, who is held back. */
import type { Body, Reply } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type TrafficLive = Reply<'trafficLive', '200'>;
export type TrafficSensor = Reply<'listSensors', '200'>['sensors'][number];
/** OCSF 1.6. */
export type TrafficEvents = Reply<'findEvents', '200'>;
export type TrafficActor = Reply<'trafficActor', '200'>;
export type TrafficAlert = TrafficLive['alerts'][number];
export type TrafficCase = Reply<'listCases', '200'>['cases'][number];
export type WholeCase = Reply<'getCase', '200'>;
export type Suppression = Reply<'listSuppressions', '200'>['suppressions'][number];
export type TrafficRules = Reply<'listRules', '200'>;
export type TrafficRule = TrafficRules['rules'][number];
export type RuleTrial = Reply<'testRule', '200'>;
export type Measure = Reply<'listMeasures', '200'>['measures'][number];
export type Honey = Reply<'listHoney', '200'>['honey'][number];
export type Playbook = Body<'putPlaybooks'>['playbooks'][number];
export type EventAsk = Readonly<{
  from?: string;
  to?: string;
  actor?: string;
  address?: string;
  sensor?: string;
  class?: 'finding' | 'authentication' | 'network' | 'http' | 'dns' | 'api';
  failed?: boolean;
  /** `next` of the page before. */
  before?: string;
  limit?: number;
}>;

export type CaseAsk = Readonly<{
  state?: 'open' | 'working' | 'closed' | 'all';
  about?: string;
  /** Those as grave, or graver. */
  least?: TrafficCase['severity'];
  /** `next` of the page before. */
  before?: string;
  limit?: number;
}>;

export type Traffic = {
  /** @param minutes how far back */
  live: (minutes?: number, options?: CallOptions) => Promise<TrafficLive>;
  sensors: (options?: CallOptions) => Promise<Readonly<{ sensors: readonly TrafficSensor[] }>>;
  events: (ask?: EventAsk, options?: CallOptions) => Promise<TrafficEvents>;
  /** What a key, person or workload did, by day and purpose. @param days 1 to 99 */
  actor: (id: string, days?: number, options?: CallOptions) => Promise<TrafficActor>;
  /** Lines of a log that another program writes, 10,000 at most. */
  send: (feed: string, lines: Body<'sendLines'>, options?: CallOptions) => Promise<Reply<'sendLines', '200'>>;
  /** @param ask state: left out, those that are not closed */
  cases: (ask?: CaseAsk, options?: CallOptions) => Promise<Reply<'listCases', '200'>>;
  case: (id: string, options?: CallOptions) => Promise<WholeCase>;
  /** The events that show one alert. */
  evidence: (id: string, alert: string, options?: CallOptions) => Promise<Reply<'getEvidence', '200'>>;
  takeCase: (id: string, ask?: Body<'takeCase'>, options?: CallOptions) => Promise<WholeCase>;
  noteCase: (id: string, text: string, options?: CallOptions) => Promise<WholeCase>;
  actOnCase: (id: string, ask: Body<'actOnCase'>, options?: CallOptions) => Promise<WholeCase>;
  closeCase: (id: string, ask: Body<'closeCase'>, options?: CallOptions) => Promise<WholeCase>;
  suppressions: (options?: CallOptions) => Promise<Readonly<{ suppressions: readonly Suppression[] }>>;
  suppress: (ask: Body<'suppress'>, options?: CallOptions) => Promise<Suppression>;
  endSuppression: (id: string, options?: CallOptions) => Promise<unknown>;
  rules: (options?: CallOptions) => Promise<TrafficRules>;
  rule: (id: string, options?: CallOptions) => Promise<TrafficRule>;
  /** @param text Sigma, as YAML */
  putRule: (text: string, options?: CallOptions) => Promise<Reply<'putRule', '201'>>;
  /** What it would have said of the last hours; nothing is kept. */
  testRule: (text: string, hours?: number, options?: CallOptions) => Promise<RuleTrial>;
  setRuleState: (id: string, state: 'on' | 'off', reason: string, options?: CallOptions) => Promise<unknown>;
  removeRule: (id: string, options?: CallOptions) => Promise<unknown>;
  playbooks: (options?: CallOptions) => Promise<Reply<'listPlaybooks', '200'>>;
  /** All of them, as one. @param options `version`: that they were changed from; refused when another one holds by now */
  putPlaybooks: (
    playbooks: readonly Playbook[],
    options?: CallOptions & Readonly<{ version?: string | undefined }>,
  ) => Promise<unknown>;
  measures: (options?: CallOptions) => Promise<Readonly<{ measures: readonly Measure[] }>>;
  takeMeasure: (ask: Body<'takeMeasure'>, options?: CallOptions) => Promise<Measure>;
  endMeasure: (id: string, options?: CallOptions) => Promise<unknown>;
  honey: (options?: CallOptions) => Promise<Readonly<{ honey: readonly Honey[] }>>;
  plantHoney: (ask: Body<'plantHoney'>, options?: CallOptions) => Promise<Honey>;
  removeHoney: (id: string, options?: CallOptions) => Promise<unknown>;
};

export function createTraffic({ json }: Transport): Traffic {
  const at = (path: string): string => `/v1/traffic/${path}`;
  const of = (path: string, id: string, more = ''): string => `${at(path)}/${encodeURIComponent(id)}${more}`;
  const read = <T>(path: string, query: Readonly<Record<string, string>> | undefined, options?: CallOptions): Promise<T> =>
    json({ method: 'GET', path, ...(query === undefined ? {} : { query }), does: 'read' }, options);
  const change = <T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body: unknown, options?: CallOptions): Promise<T> =>
    json({ method, path, ...(body === undefined ? {} : { json: body }), does: 'change' }, options);
  return {
    live: (minutes = 60, options) => read(at('live'), { minutes: String(minutes) }, options),
    sensors: (options) => read(at('sensors'), undefined, options),
    events: (ask = {}, options) => read(at('events'), asQuery(ask), options),
    actor: (id, days = 30, options) => read(of('actors', id), { days: String(days) }, options),
    send: (feed, lines, options) => change('POST', of('feeds', feed), lines, options),
    cases: (ask = {}, options) => read(at('cases'), asQuery(ask), options),
    case: (id, options) => read(of('cases', id), undefined, options),
    evidence: (id, alert, options) => read(of('cases', id, '/evidence'), { alert }, options),
    takeCase: (id, ask = {}, options) => change('POST', of('cases', id, '/take'), ask, options),
    noteCase: (id, text, options) => change('POST', of('cases', id, '/notes'), { text }, options),
    actOnCase: (id, ask, options) => change('POST', of('cases', id, '/act'), ask, options),
    closeCase: (id, ask, options) => change('POST', of('cases', id, '/close'), ask, options),
    suppressions: (options) => read(at('suppressions'), undefined, options),
    suppress: (ask, options) => change('POST', at('suppressions'), ask, options),
    endSuppression: (id, options) => change('DELETE', of('suppressions', id), undefined, options),
    rules: (options) => read(at('rules'), undefined, options),
    rule: (id, options) => read(of('rules', id), undefined, options),
    putRule: (text, options) => change('POST', at('rules'), { text }, options),
    testRule: (text, hours = 24, options) => change('POST', at('rules/test'), { text, hours }, options),
    setRuleState: (id, state, reason, options) => change('PUT', of('rules', id, '/state'), { state, reason }, options),
    removeRule: (id, options) => change('DELETE', of('rules', id), undefined, options),
    playbooks: (options) => read(at('playbooks'), undefined, options),
    putPlaybooks: (playbooks, { version, ...options } = {}) =>
      change('PUT', at('playbooks'), { playbooks, ...(version === undefined ? {} : { version }) }, options),
    measures: (options) => read(at('measures'), undefined, options),
    takeMeasure: (ask, options) => change('POST', at('measures'), ask, options),
    endMeasure: (id, options) => change('DELETE', of('measures', id), undefined, options),
    honey: (options) => read(at('honey'), undefined, options),
    plantHoney: (ask, options) => change('POST', at('honey'), ask, options),
    removeHoney: (id, options) => change('DELETE', of('honey', id), undefined, options),
  };
} // prettier-ignore

const asQuery = (ask: Readonly<Record<string, string | number | boolean | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ask).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );

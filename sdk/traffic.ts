/** Traffic: what moves, what was found in it, who works on it, who is held back. */
import type { Body, Reply } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type TrafficLive = Reply<'trafficLive', '200'>;
export type TrafficSensor = Reply<'listSensors', '200'>['sensors'][number];
/** OCSF 1.6. */
export type TrafficEvents = Reply<'findEvents', '200'>;
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
  limit?: number;
}>;

export type Traffic = {
  /** @param minutes how far back */
  live: (minutes?: number, options?: CallOptions) => Promise<TrafficLive>;
  sensors: (options?: CallOptions) => Promise<Readonly<{ sensors: readonly TrafficSensor[] }>>;
  events: (ask?: EventAsk, options?: CallOptions) => Promise<TrafficEvents>;
  /** Lines of a log that another program writes, 10,000 at most. */
  send: (feed: string, lines: Body<'sendLines'>, options?: CallOptions) => Promise<Reply<'sendLines', '200'>>;
  cases: {
    /** @param ask state: left out, those that are not closed */
    list: (
      ask?: Readonly<{
        state?: 'open' | 'working' | 'closed' | 'all';
        about?: string;
        before?: string;
        limit?: number;
      }>,
      options?: CallOptions,
    ) => Promise<Readonly<{ cases: readonly TrafficCase[] }>>;
    get: (id: string, options?: CallOptions) => Promise<WholeCase>;
    /** The events that show one alert. */
    evidence: (id: string, alert: string, options?: CallOptions) => Promise<Reply<'getEvidence', '200'>>;
    take: (id: string, ask?: Body<'takeCase'>, options?: CallOptions) => Promise<WholeCase>;
    note: (id: string, text: string, options?: CallOptions) => Promise<WholeCase>;
    act: (id: string, ask: Body<'actOnCase'>, options?: CallOptions) => Promise<WholeCase>;
    close: (id: string, ask: Body<'closeCase'>, options?: CallOptions) => Promise<WholeCase>;
  };
  suppressions: {
    list: (options?: CallOptions) => Promise<Readonly<{ suppressions: readonly Suppression[] }>>;
    add: (ask: Body<'suppress'>, options?: CallOptions) => Promise<Suppression>;
    end: (id: string, options?: CallOptions) => Promise<unknown>;
  };
  rules: {
    list: (options?: CallOptions) => Promise<TrafficRules>;
    /** @param text Sigma, as YAML */
    put: (text: string, options?: CallOptions) => Promise<Reply<'putRule', '201'>>;
    /** What it would have said of the last hours; nothing is kept. */
    test: (text: string, hours?: number, options?: CallOptions) => Promise<RuleTrial>;
    setState: (id: string, state: 'on' | 'off', reason: string, options?: CallOptions) => Promise<unknown>;
    remove: (id: string, options?: CallOptions) => Promise<unknown>;
  };
  playbooks: {
    list: (options?: CallOptions) => Promise<Reply<'listPlaybooks', '200'>>;
    /** All of them, as one. */
    put: (playbooks: readonly Playbook[], options?: CallOptions) => Promise<unknown>;
  };
  measures: {
    list: (options?: CallOptions) => Promise<Readonly<{ measures: readonly Measure[] }>>;
    take: (ask: Body<'takeMeasure'>, options?: CallOptions) => Promise<Measure>;
    end: (id: string, options?: CallOptions) => Promise<unknown>;
  };
  honey: {
    list: (options?: CallOptions) => Promise<Readonly<{ honey: readonly Honey[] }>>;
    plant: (ask: Body<'plantHoney'>, options?: CallOptions) => Promise<Honey>;
    remove: (id: string, options?: CallOptions) => Promise<unknown>;
  };
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
    send: (feed, lines, options) => change('POST', of('feeds', feed), lines, options),
    cases: {
      list: (ask = {}, options) => read(at('cases'), asQuery(ask), options),
      get: (id, options) => read(of('cases', id), undefined, options),
      evidence: (id, alert, options) => read(of('cases', id, '/evidence'), { alert }, options),
      take: (id, ask = {}, options) => change('POST', of('cases', id, '/take'), ask, options),
      note: (id, text, options) => change('POST', of('cases', id, '/notes'), { text }, options),
      act: (id, ask, options) => change('POST', of('cases', id, '/act'), ask, options),
      close: (id, ask, options) => change('POST', of('cases', id, '/close'), ask, options),
    },
    suppressions: {
      list: (options) => read(at('suppressions'), undefined, options),
      add: (ask, options) => change('POST', at('suppressions'), ask, options),
      end: (id, options) => change('DELETE', of('suppressions', id), undefined, options),
    },
    rules: {
      list: (options) => read(at('rules'), undefined, options),
      put: (text, options) => change('POST', at('rules'), { text }, options),
      test: (text, hours = 24, options) => change('POST', at('rules/test'), { text, hours }, options),
      setState: (id, state, reason, options) => change('PUT', of('rules', id, '/state'), { state, reason }, options),
      remove: (id, options) => change('DELETE', of('rules', id), undefined, options),
    },
    playbooks: {
      list: (options) => read(at('playbooks'), undefined, options),
      put: (playbooks, options) => change('PUT', at('playbooks'), { playbooks }, options),
    },
    measures: {
      list: (options) => read(at('measures'), undefined, options),
      take: (ask, options) => change('POST', at('measures'), ask, options),
      end: (id, options) => change('DELETE', of('measures', id), undefined, options),
    },
    honey: {
      list: (options) => read(at('honey'), undefined, options),
      plant: (ask, options) => change('POST', at('honey'), ask, options),
      remove: (id, options) => change('DELETE', of('honey', id), undefined, options),
    },
  };
} // prettier-ignore

const asQuery = (ask: Readonly<Record<string, string | number | boolean | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ask).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );

/** Drills: incidents that are made up, played through against the clock, and scored. None of them reaches anybody outside. */
import type { Body, Reply } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type IncidentDrill = Reply<'getIncidentDrill', '200'>;
export type IncidentDrillLine = Reply<'listIncidentDrills', '200'>['drills'][number];
export type IncidentDrillAbout = Reply<'aboutDrill', '200'>;
export type IncidentDrillToBegin = Body<'beginIncidentDrill'>;
export type IncidentDrillScope = Body<'askDrillScope'>;

export type IncidentDrills = {
  /** All of them, the one that begins last first. @param before `next` of the page before */
  list: (before?: string, options?: CallOptions) => Promise<Reply<'listIncidentDrills', '200'>>;
  /** Those that one was asked to take part in, and what there is to begin. */
  mine: (options?: CallOptions) => Promise<Reply<'myIncidentDrills', '200'>>;
  /** What there is to begin; a key of nobody may ask too. */
  texts: (options?: CallOptions) => Promise<Reply<'listDrillTexts', '200'>>;
  about: (id: string, options?: CallOptions) => Promise<IncidentDrillAbout>;
  /** For oneself; with `people` or `roles` for others, who are told by mail. */
  begin: (drill: IncidentDrillToBegin, options?: CallOptions) => Promise<IncidentDrill>;
  get: (id: string, options?: CallOptions) => Promise<IncidentDrill>;
  join: (id: string, options?: CallOptions) => Promise<IncidentDrill>;
  /** The first decision counts. @param option place among the options, from 0 */
  decide: (id: string, inject: string, option: number, options?: CallOptions) => Promise<IncidentDrill>;
  /** The last answer is the one that is scored. */
  scope: (id: string, criteria: IncidentDrillScope, options?: CallOptions) => Promise<IncidentDrill>;
  /** Without waiting; with nothing left it is over and scored. */
  next: (id: string, options?: CallOptions) => Promise<IncidentDrill>;
  /** It counts for nobody. */
  stop: (id: string, options?: CallOptions) => Promise<IncidentDrill>;
  note: (id: string, text: string, options?: CallOptions) => Promise<IncidentDrill>;
  /** After-action report, as Markdown. */
  report: (id: string, options?: CallOptions) => Promise<Reply<'drillReport', '200'>>;
};

export function createIncidentDrills({ json }: Transport): IncidentDrills {
  const path = '/v1/education/drills';
  const of = (...parts: readonly string[]): string =>
    [path, ...parts.map((each) => encodeURIComponent(each))].join('/');
  const post = <T>(where: string, body?: object, options?: CallOptions): Promise<T> =>
    json({ method: 'POST', path: where, does: 'change', ...(body === undefined ? {} : { json: body }) }, options);
  const read = <T>(where: string, options?: CallOptions): Promise<T> =>
    json({ method: 'GET', path: where, does: 'read' }, options);
  return {
    list: (before, options) => json({ method: 'GET', path, query: { before }, does: 'read' }, options),
    mine: (options) => read(of('mine'), options),
    texts: (options) => read(of('about'), options),
    about: (id, options) => read(of('about', id), options),
    begin: (drill, options) => post(path, drill, options),
    get: (id, options) => read(of(id), options),
    join: (id, options) => post(of(id, 'join'), undefined, options),
    decide: (id, inject, option, options) => post(of(id, 'decisions'), { inject, option }, options),
    scope: (id, criteria, options) => post(of(id, 'scopes'), criteria, options),
    next: (id, options) => post(of(id, 'next'), undefined, options),
    stop: (id, options) => post(of(id, 'stop'), undefined, options),
    note: (id, text, options) => post(of(id, 'notes'), { text }, options),
    report: (id, options) => read(of(id, 'report'), options),
  };
}

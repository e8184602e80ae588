/** Incidents: reported, worked on, whom they concern, what is told to whom by when. */
import type { Body, Reply } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type IncidentToReport = Body<'reportIncident'>;
export type IncidentReceipt = Reply<'reportIncident', '201'>;
export type IncidentList = Reply<'listIncidents', '200'>;
export type Incident = Reply<'getIncident', '200'>;
/** `version`: the incident’s, as it was read; somebody who was faster makes it refused. */
export type IncidentChange = Body<'changeIncident'>;
export type IncidentRegister = Reply<'readIncidentRegister', '200'>;
/** Any of the actors, grants or requests; both ends of the time are within. */
export type ScopeCriteria = Body<'askScope'>;
export type IncidentScope = Reply<'askScope', '201'>;
export type ScopeSubjects = Reply<'scopeSubjects', '200'>;
export type AuthorityNotice = Reply<'draftAuthorityNotice', '200'>;
export type SubjectNotices = Reply<'draftSubjectNotices', '200'>;

/** Where people report without a name; `null`: nowhere. */
export type ReportLink = Reply<'getReportLink', '200'>['link'];
export type NamelessReports = Reply<'listNamelessReports', '200'>;
export type NamelessReport = Reply<'getNamelessReport', '200'>;
/** Taken on, asked back, made an incident, or closed with words to the reporter. */
export type NamelessStep = Body<'stepNamelessReport'>;

export type ScopePage = Readonly<{ after?: string; limit?: number }>;
export type Incidents = {
  /** For everybody. */
  report: (incident: IncidentToReport, options?: CallOptions) => Promise<IncidentReceipt>;
  /** The one that moved last first. @param before `next` of the page before */
  list: (before?: string, options?: CallOptions) => Promise<IncidentList>;
  get: (id: string, options?: CallOptions) => Promise<Incident>;
  change: (id: string, change: IncidentChange, options?: CallOptions) => Promise<Incident>;
  /** All of it, page after page. */
  register: (options?: CallOptions) => Promise<IncidentRegister>;
  reportLink: (options?: CallOptions) => Promise<Readonly<{ link: ReportLink }>>;
  /** The one before is dead at once. */
  replaceReportLink: (options?: CallOptions) => Promise<Readonly<{ link: NonNullable<ReportLink> }>>;
  endReportLink: (options?: CallOptions) => Promise<void>;
  /** Without their words, the newest first. */
  nameless: (
    page?: Readonly<{ which?: 'open' | 'all'; before?: string; limit?: number }>,
    options?: CallOptions,
  ) => Promise<NamelessReports>;
  /** With its words; that it was read is in the log. */
  namelessReport: (id: string, options?: CallOptions) => Promise<NamelessReport>;
  stepNameless: (id: string, step: NamelessStep, options?: CallOptions) => Promise<NamelessReport>;
  /** Asks the audit log; what it cannot say is in `unknown` and `says`. */
  scope: (id: string, criteria: ScopeCriteria, options?: CallOptions) => Promise<IncidentScope>;
  scopes: (id: string, options?: CallOptions) => Promise<Readonly<{ scopes: readonly IncidentScope[] }>>;
  subjects: (id: string, scope: string, page?: ScopePage, options?: CallOptions) => Promise<ScopeSubjects>;
  /** C2SP tlog-proof of an entry, with the entry in it. */
  proof: (id: string, scope: string, entry: number, options?: CallOptions) => Promise<Readonly<{ proof: string }>>;
  authorityNotice: (id: string, options?: CallOptions) => Promise<AuthorityNotice>;
  subjectNotices: (
    id: string,
    scope: string,
    ask?: ScopePage & Readonly<{ language?: 'en' | 'de' }>,
    options?: CallOptions,
  ) => Promise<SubjectNotices>;
};

export function createIncidents({ json }: Transport): Incidents {
  const path = '/v1/education/incidents';
  const of = (id: string, ...rest: readonly string[]): string => [path, id, ...rest].map((each, at) => (at === 0 ? each : encodeURIComponent(each))).join('/');
  const asked = (query: object): string => {
    const text = new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)])).toString();
    return text === '' ? '' : `?${text}`;
  };
  return {
    report: (incident, options) => json({ method: 'POST', path, json: incident, does: 'change' }, options),
    list: (before, options) => json({ method: 'GET', path: `${path}${asked(before === undefined ? {} : { before })}`, does: 'read' }, options),
    get: (id, options) => json({ method: 'GET', path: of(id), does: 'read' }, options),
    change: (id, change, options) => json({ method: 'POST', path: of(id, 'timeline'), json: change, does: 'change' }, options),
    register: async (options) => {
      const page = (before: string | null): Promise<IncidentRegister> => json({ method: 'GET', path: `${path}/register${asked(before === null ? {} : { before })}`, does: 'read' }, options);
      const first = await page(null);
      const incidents = [...first.incidents];
      for (let { next } = first; next !== null; ) {
        const more = await page(next);
        incidents.push(...more.incidents);
        ({ next } = more);
      }
      return { ...first, incidents, next: null };
    },
    reportLink: (options) => json({ method: 'GET', path: of('report-link'), does: 'read' }, options),
    replaceReportLink: (options) => json({ method: 'POST', path: of('report-link'), does: 'change' }, options),
    endReportLink: (options) => json({ method: 'DELETE', path: of('report-link'), does: 'change' }, options),
    nameless: (page = {}, options) => json({ method: 'GET', path: `${of('reports')}${asked(page)}`, does: 'read' }, options),
    namelessReport: (id, options) => json({ method: 'GET', path: of('reports', id), does: 'read' }, options),
    stepNameless: (id, step, options) => json({ method: 'POST', path: of('reports', id, 'steps'), json: step, does: 'change' }, options),
    scope: (id, criteria, options) => json({ method: 'POST', path: of(id, 'scopes'), json: criteria, does: 'change' }, options),
    scopes: (id, options) => json({ method: 'GET', path: of(id, 'scopes'), does: 'read' }, options),
    subjects: (id, scope, page = {}, options) => json({ method: 'GET', path: `${of(id, 'scopes', scope, 'subjects')}${asked(page)}`, does: 'read' }, options),
    proof: (id, scope, entry, options) => json({ method: 'GET', path: of(id, 'scopes', scope, 'proofs', String(entry)), does: 'read' }, options),
    authorityNotice: (id, options) => json({ method: 'GET', path: of(id, 'notices', 'authority'), does: 'read' }, options),
    subjectNotices: (id, scope, ask = {}, options) => json({ method: 'GET', path: `${of(id, 'scopes', scope, 'notices')}${asked(ask)}`, does: 'read' }, options),
  };
} // prettier-ignore

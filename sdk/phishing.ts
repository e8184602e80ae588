/** Phishing exercises, and reports of suspicious mail. */
import type {
  Reply,
  Exercises,
  ExerciseToPlan,
  MailToReport,
  OwnExercises,
  PhishExercise,
  PhishTemplates,
  PlannedExercise,
  ReportedMails,
  ReportThanks,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type PhishTemplate = Reply<'getPhishTemplate', '200'>;
export type TriedPhishTemplate = Reply<'tryPhishTemplate', '200'>;

export type Phishing = {
  /** Those that a new exercise can use; with `retired` all. */
  templates: (options?: CallOptions & Readonly<{ retired?: boolean }>) => Promise<PhishTemplates>;
  template: (id: string, options?: CallOptions) => Promise<PhishTemplate>;
  /** How it would look, and how hard it is; nothing is kept. */
  tryTemplate: (source: string, options?: CallOptions) => Promise<TriedPhishTemplate>;
  addTemplate: (source: string, options?: CallOptions) => Promise<PhishTemplate>;
  /** @param version that was read: when somebody was faster it fails with 412, and nothing is saved */
  changeTemplate: (id: string, version: number, source: string, options?: CallOptions) => Promise<PhishTemplate>;
  retireTemplate: (id: string, version: number, options?: CallOptions) => Promise<PhishTemplate>;
  /** With their counts, the newest first. */
  exercises: (options?: CallOptions) => Promise<Exercises>;
  exercise: (id: string, options?: CallOptions) => Promise<PhishExercise>;
  /** Recipients are roles and ids of people, never addresses; `mode` left out: groups. */
  plan: (exercise: ExerciseToPlan, options?: CallOptions) => Promise<PlannedExercise>;
  /** Nothing of it leaves from now on. */
  stop: (id: string, options?: CallOptions) => Promise<{ takenBack: number }>;
  /** For everybody, and for add-ins of mail programs. */
  report: (mail: MailToReport, options?: CallOptions) => Promise<ReportThanks>;
  /** Open ones first. @param before `next` of the page before */
  reports: (before?: string, options?: CallOptions) => Promise<ReportedMails>;
  judge: (id: string, verdict: 'phish' | 'harmless', options?: CallOptions) => Promise<void>;
  /** One's own history; a key has none. */
  mine: (options?: CallOptions) => Promise<OwnExercises>;
};

export function createPhishing({ json }: Transport): Phishing {
  const path = '/v1/education/phishing';
  const of = (what: string, id: string): string => `${path}/${what}/${encodeURIComponent(id)}`;
  return {
    templates: ({ retired, ...options } = {}) => json({ method: 'GET', path: `${path}/templates`, query: { retired: retired === true ? 'yes' : undefined }, does: 'read' }, options),
    template: (id, options) => json({ method: 'GET', path: of('templates', id), does: 'read' }, options),
    tryTemplate: (source, options) => json({ method: 'POST', path: `${path}/templates/preview`, json: { source }, does: 'read' }, options),
    addTemplate: (source, options) => json({ method: 'POST', path: `${path}/templates`, json: { source }, does: 'change' }, options),
    changeTemplate: (id, version, source, options) => json({ method: 'PUT', path: of('templates', id), headers: { 'if-match': `"${version}"` }, json: { source }, does: 'change' }, options),
    retireTemplate: (id, version, options) => json({ method: 'POST', path: `${of('templates', id)}/retire`, headers: { 'if-match': `"${version}"` }, does: 'change' }, options),
    exercises: (options) => json({ method: 'GET', path: `${path}/exercises`, does: 'read' }, options),
    exercise: (id, options) => json({ method: 'GET', path: of('exercises', id), does: 'read' }, options),
    plan: (exercise, options) => json({ method: 'POST', path: `${path}/exercises`, json: exercise, does: 'change' }, options),
    stop: (id, options) => json({ method: 'POST', path: `${of('exercises', id)}/stop`, does: 'change' }, options),
    report: (mail, options) => json({ method: 'POST', path: `${path}/reports`, json: mail, does: 'change' }, options),
    reports: (before, options) => json({ method: 'GET', path: `${path}/reports`, query: { before }, does: 'read' }, options), // prettier-ignore
    judge: async (id, verdict, options) => {
      await json({ method: 'POST', path: `${of('reports', id)}/verdict`, json: { verdict }, does: 'change' }, options);
    },
    mine: (options) => json({ method: 'GET', path: `${path}/mine`, does: 'read' }, options),
  };
} // prettier-ignore

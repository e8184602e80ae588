/** Courses made elsewhere (SCORM, cmi5): taken in by the training team, run by who learns. */
import type { Body, Reply } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type CoursePackages = Reply<'listPackages', '200'>;
export type CoursePackage = CoursePackages['packages'][number];
export type BegunRun = Reply<'beginCourseRun', '201'>;
/** How a run of a course of cmi5 stands, part by part. */
export type CourseRun = Reply<'readCourseRun', '200'>;
export type BegunPart = Reply<'beginCoursePart', '201'>;
/** Statements of xAPI 1.0.3, oldest first. */
export type RunStatements = Reply<'listRunStatements', '200'>;
export type PartToWaive = Body<'waiveCoursePart'>;
/** What a course of SCORM says of itself: it grades itself in the browser of who takes it. */
export type RunToTell = Body<'tellCourseRun'>;
export type ToldRun = Reply<'tellCourseRun', '200'>;
export type PackageToTake = Readonly<{
  /** Hash of the newest version; left out where there is none. */
  replaces?: string;
  /** It changes what people do: they do it anew. */
  material?: boolean;
  /** As in `en` or `de-AT`. */
  locale?: string;
  /** 0: until a version comes that changes what people do. */
  validityDays?: number;
  minutes?: number;
}>;

export type Packages = {
  list: (options?: CallOptions) => Promise<CoursePackages>;
  /** @param zip at most 256 MiB */
  take: (
    id: string,
    zip: Uint8Array<ArrayBuffer> | Blob,
    about?: PackageToTake,
    options?: CallOptions,
  ) => Promise<CoursePackage>;
  /** Whether passing it is enough for a role that asks for it. */
  sayCounts: (id: string, counts: boolean, options?: CallOptions) => Promise<void>;
  /** For a frame of the console: `url` is of another origin, and null where the course is begun part by part. */
  begin: (course: string, options?: CallOptions) => Promise<BegunRun>;
  tell: (run: string, told: RunToTell, options?: CallOptions) => Promise<ToldRun>;
  look: (run: string, options?: CallOptions) => Promise<CourseRun>;
  /** @param part from 0; a part that was left open is abandoned */
  beginPart: (run: string, part: number, options?: CallOptions) => Promise<BegunPart>;
  /** @param after `next` of the page before */
  statements: (run: string, after?: string | null, options?: CallOptions) => Promise<RunStatements>;
  /** For somebody else, and with the reason that is stated. */
  waive: (course: string, part: number, of: PartToWaive, options?: CallOptions) => Promise<void>;
};

export function createPackages({ json }: Transport): Packages {
  const at = (...parts: readonly string[]): string =>
    ['/v1/education', ...parts.map((each) => encodeURIComponent(each))].join('/');
  return {
    list: (options) => json({ method: 'GET', path: at('packages'), does: 'read' }, options),
    take: (id, zip, { replaces, material, locale, validityDays, minutes } = {}, options) => {
      const query = {
        ...(replaces === undefined ? {} : { replaces }),
        ...(material === undefined ? {} : { material: material ? 'yes' : 'no' }),
        ...(locale === undefined ? {} : { locale }),
        ...(validityDays === undefined ? {} : { validityDays: String(validityDays) }),
        ...(minutes === undefined ? {} : { minutes: String(minutes) }),
      };
      const headers = { 'content-type': 'application/zip' };
      return json({ method: 'POST', path: at('packages', id), query, body: zip, headers, does: 'change' }, options);
    },
    sayCounts: (id, counts, options) =>
      json({ method: 'POST', path: at('packages', id, 'counts'), does: 'change', json: { counts } }, options),
    begin: (course, options) => json({ method: 'POST', path: at('courses', course, 'runs'), does: 'change' }, options),
    tell: (run, told, options) =>
      json({ method: 'POST', path: at('runs', run, 'result'), does: 'change', json: told }, options),
    look: (run, options) => json({ method: 'GET', path: at('runs', run), does: 'read' }, options),
    beginPart: (run, part, options) =>
      json({ method: 'POST', path: at('runs', run, 'parts', String(part), 'sessions'), does: 'change' }, options),
    statements: (run, after = null, options) =>
      json(
        { method: 'GET', path: at('runs', run, 'statements'), query: after === null ? {} : { after }, does: 'read' },
        options,
      ),
    waive: (course, part, of, options) =>
      json(
        { method: 'POST', path: at('courses', course, 'parts', String(part), 'waive'), does: 'change', json: of },
        options,
      ),
  };
}

/** What leaves of training: a course of ours as a package for another learning system, learning history as xAPI. */
import type { Body } from './contract.ts';
import { clientProblem } from './problem.ts';
import type { CallOptions, Transport } from './transport.ts';

/** `scorm12` or `cmi5`. */
export type CoursePackageKind = Body<'exportCourse'>['as'];
/** `person` left out: everybody who works here; `form`: one JSON array, or a statement on each line. */
export type HistoryToExport = Omit<Body<'exportHistory'>, 'as'>;

export type TrainingExports = {
  /** A zip with the key of the quiz in it; the log has who took it. */
  course: (id: string, as: CoursePackageKind, options?: CallOptions) => Promise<Uint8Array<ArrayBuffer>>;
  /** xAPI 1.0.3 statements as they come; the log has who asked before the first one leaves. */
  history: (wanted?: HistoryToExport, options?: CallOptions) => Promise<ReadableStream<Uint8Array>>;
};

export function createTrainingExports({ stream }: Transport): TrainingExports {
  const post = (path: string, json: unknown, accept: string, options?: CallOptions): Promise<Response> =>
    stream({ method: 'POST', path: `/v1/education/${path}`, json, accept, does: 'read' }, options);
  return {
    course: async (id, as, options) => {
      const answer = await post(`courses/${encodeURIComponent(id)}/export`, { as }, 'application/zip', options);
      return new Uint8Array(await answer.arrayBuffer());
    },
    history: async (wanted = {}, options) => {
      const accept = wanted.form === 'lines' ? 'application/x-ndjson' : 'application/json';
      const { body } = await post('history/export', { as: 'xapi', ...wanted }, accept, options);
      if (body !== null) return body;
      throw clientProblem('SDK_NOT_STRONGROOM', 'the history had no body', 'is a proxy in between?');
    },
  };
}

/** Exercises: done in the console on made-up customers, graded from the audit log. */
import type { Reply } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type ExerciseLine = Reply<'myExercises', '200'>['exercises'][number];
export type Exercise = Reply<'myExercise', '200'>;
export type HandedInExercise = Reply<'handInExercise', '200'>;

export type GradedExercises = {
  list: (options?: CallOptions) => Promise<Readonly<{ exercises: readonly ExerciseLine[] }>>;
  /** The task, and of an open try what the log shows so far. */
  get: (id: string, options?: CallOptions) => Promise<Exercise>;
  /** Goes on with the try that is open, where one is. */
  begin: (id: string, options?: CallOptions) => Promise<Exercise>;
  /** `not-yet`: steps are missing, and it goes on. @param id of the try, exa_… */
  handIn: (id: string, options?: CallOptions) => Promise<HandedInExercise>;
  /** It counts as a try. */
  giveUp: (id: string, options?: CallOptions) => Promise<void>;
};

export function createExercises({ json }: Transport): GradedExercises {
  const at = (...parts: readonly string[]): string =>
    ['/v1/education', ...parts.map((each) => encodeURIComponent(each))].join('/');
  const read = <T>(path: string, options?: CallOptions): Promise<T> =>
    json({ method: 'GET', path, does: 'read' }, options);
  const post = <T>(path: string, options?: CallOptions): Promise<T> =>
    json({ method: 'POST', path, does: 'change' }, options);
  return {
    list: (options) => read(at('exercises'), options),
    get: (id, options) => read(at('exercises', id), options),
    begin: (id, options) => post(at('exercises', id, 'tries'), options),
    handIn: (id, options) => post(at('tries', id, 'hand-in'), options),
    giveUp: (id, options) => post(at('tries', id, 'give-up'), options),
  };
}

/** Routes of exercises that are graded from the log: begin, look, hand in, give up; and reports that belong to one. */
import Type, { type Static } from 'typebox';

import type { HttpServer } from '#platform/http';
import type { Actor } from '#practices/access';

import type { ExerciseLine, ExerciseView } from '../exercises/view.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { tags, TEXT_ID } from './shapes.ts';

const CLOSED = { additionalProperties: false } as const;
const INSTANT = Type.Union([Type.String(), Type.Null()]);
const TRY_ID = Type.String({ pattern: '^exa_[0-9a-z]{26}$' });
const NAME = Type.String({ pattern: '^[a-z][a-z0-9_-]{0,40}$' });
const LINE = {
  id: Type.String(),
  title: Type.String(),
  minutes: Type.Integer(),
  audience: Type.Array(Type.String(), { description: 'roles that do it, or everyone' }),
  state: Type.Enum(['new', 'open', 'passed', 'failed']),
  passedAt: INSTANT,
  waitsUntil: Type.Union([Type.String(), Type.Null()], { description: 'three tries are over: not before' }),
};
const TOLD = {
  says: Type.String(),
  lines: Type.Array(
    Type.Object({
      kind: Type.Enum(['right', 'wrong', 'missing']),
      says: Type.String(),
      entry: Type.Optional(Type.Integer({ description: 'of the audit log, that shows it' })),
      hint: Type.Optional(Type.String()),
    }),
  ),
};
const VIEW = Type.Object({
  ...LINE,
  brief: Type.String(),
  try: Type.Union([
    Type.Object({
      id: Type.String(),
      role: Type.String({ description: 'in which it is done' }),
      endsAt: Type.String(),
      ...TOLD,
      isBehind: Type.Boolean({ description: 'the log is longer than what was looked through: ask again' }),
      planted: Type.Array(
        Type.Object({ name: Type.String(), entry: Type.Integer(), as: Type.String(), at: Type.String(), who: Type.String(), what: Type.String(), records: Type.Integer() }),
        { description: 'lines that were made up for it; in the log each is an entry education.exercise.planted' },
      ),
      reports: Type.Boolean({ description: 'a report may be said to be about it' }),
    }),
    Type.Null(),
  ]),
  last: Type.Union([Type.Object({ verdict: Type.Enum(['passed', 'failed']), ...TOLD }), Type.Null()]),
}); // prettier-ignore
const path = '/v1/education/exercises';

/** In the body of a report: that it belongs to one's own exercise. */
export const OF_EXERCISE = Type.Object(
  { try: TRY_ID, line: Type.Optional(NAME) },
  { ...CLOSED, description: 'it belongs to an exercise of your own: it is in the log, its words are not kept, and nobody is alarmed' },
); // prettier-ignore

export async function ofExercise(
  needs: EducationHttpNeeds,
  request: object & { id: string },
  about: 'incident' | 'message',
  exercise: Static<typeof OF_EXERCISE>,
): Promise<Readonly<{ id: string; receipt: string; says: string }>> {
  const who = needs.learner(request);
  const report = { try: exercise.try, about, planted: exercise.line };
  await needs.education.exercises.report(byOf(who, request.id), who.person, report);
  return {
    id: exercise.try,
    receipt: 'EXERCISE',
    says: 'Thank you. It counts for your exercise, and nobody was alarmed.',
  };
}

type Owner = Actor & Readonly<{ person: string }>;
/** Who is signed in, or whose own key it is: what counts is what they do signed in, whoever asks about it. */
export function ownerOf(needs: EducationHttpNeeds, request: object): Owner {
  const actor = needs.actorOf(request);
  const { person } = actor;
  return person === undefined ? needs.learner(request) : { ...actor, person };
}

export function exerciseRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const exercises = () => needs.education.exercises;

  server.route({
    method: 'GET',
    url: path,
    schema: {
      operationId: 'myExercises', tags, summary: 'Exercises that are graded from the audit log, and how I stand with each; those of my role alone can be begun. To who is nobody all are new',
      response: { 200: Type.Object({ exercises: Type.Array(Type.Object(LINE)) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const lines = await exercises().list(needs.actorOf(request).person ?? null);
      return { exercises: lines.map(lineOut) };
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/:id`,
    schema: {
      operationId: 'myExercise', tags, summary: 'One exercise: the task, and while it is open what the log shows so far',
      params: Type.Object({ id: TEXT_ID }), response: { 200: VIEW },
    }, // prettier-ignore
    handler: async (request) => viewOut(await exercises().look(ownerOf(needs, request).person, request.params.id)),
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/tries`,
    schema: {
      operationId: 'beginExercise', tags, summary: 'Begin a try, or go on with the one that is open. Its customers are made up, open to you whatever you have not learned yet, and gone when it ends; one at a time, two hours, three tries and then a day',
      params: Type.Object({ id: TEXT_ID }), response: { 201: VIEW },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const who = ownerOf(needs, request);
      return reply.code(201).send(viewOut(await exercises().begin(byOf(who, request.id), who, request.params.id)));
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/tries/:id/hand-in',
    schema: {
      operationId: 'handInExercise', tags, summary: 'Hand a try in: it is graded from your own entries of the log since it began. not-yet: steps are missing, and it goes on',
      params: Type.Object({ id: TRY_ID }),
      response: { 200: Type.Object({ verdict: Type.Enum(['passed', 'failed', 'not-yet']), courses: Type.Array(Type.String(), { description: 'that are passed by it' }), ...TOLD }) },
    }, // prettier-ignore
    handler: async (request) => {
      const who = ownerOf(needs, request);
      const { lines, courses, ...told } = await exercises().handIn(byOf(who, request.id), who.person, request.params.id); // prettier-ignore
      return { ...told, courses: [...courses], lines: [...lines] };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/tries/:id/give-up',
    schema: {
      operationId: 'giveUpExercise', tags, summary: 'End a try without a result; it counts as one',
      params: Type.Object({ id: TRY_ID }), response: { 204: Type.Null() },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const who = ownerOf(needs, request);
      await exercises().giveUp(byOf(who, request.id), who.person, request.params.id);
      return reply.code(204).send(null);
    },
  });
}

const lineOut = ({ audience, ...line }: ExerciseLine) => ({ ...line, audience: [...audience] });

const viewOut = ({ audience, last, try: open, ...view }: ExerciseView) => ({
  ...view,
  audience: [...audience],
  last: last === null ? null : { ...last, lines: [...last.lines] },
  try: open === null ? null : { ...open, lines: [...open.lines], planted: [...open.planted] },
});

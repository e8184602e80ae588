/** Routes of who learns: what there is to do, a lesson, a try at its quiz. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import { educationFailure } from '../failures.ts';
import type { Package } from '../packages/package.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { DUTY, dutyOut, SECTIONS, sectionsOut, tags, TEXT_ID } from './shapes.ts';

const QUESTION = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['single', 'multi', 'order', 'match', 'cues']),
  asks: Type.String(),
  options: Type.Array(Type.String()),
  beside: Type.Array(Type.String(), { description: 'for match: what the options are put beside' }),
});
const PLACES = Type.Array(Type.Integer({ minimum: 0, maximum: 100 }), { maxItems: 30 });

const elsewhere = ({ id, title, hash, locale, minutes }: Package) => ({
  id, title, hash, locale, minutes, elsewhere: true, sections: [], choices: [], sources: [], exercises: [], practises: [], before: [],
}); // prettier-ignore

export function learnRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const sittings = () => needs.education.sittings;
  server.route({
    method: 'GET',
    url: '/v1/education/mine',
    schema: {
      operationId: 'myTraining', tags, summary: 'What I have to pass and sign, how I stand with it, and what that does to my access in this role',
      response: { 200: Type.Object({
        role: Type.String(),
        effect: Type.Enum(['open', 'masked', 'denied']),
        duties: Type.Array(DUTY),
        exercise: Type.Union([Type.Object({ id: Type.String(), title: Type.String(), try: Type.String(), reports: Type.Boolean({ description: 'a report may be said to be about it' }) }), Type.Null()], { description: 'the one that is open: its made-up customers are open to me, whatever effect says' }),
        drill: Type.Union([Type.Object({ id: Type.String(), title: Type.String() }), Type.Null()], { description: 'the drill that runs, and that I was asked to take part in' }),
        courses: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), minutes: Type.Integer() }), { description: 'all there are, also those made elsewhere' }),
        policies: Type.Array(Type.Object({ id: Type.String(), title: Type.String() })),
      }) },
    },
    handler: async (request) => {
      const who = needs.learner(request);
      const { gate } = needs.education;
      const { effect } = await gate.trainingOf(who.person, who.role, needs.askedOf(who));
      const { exercises, drills } = needs.education;
      const [duties, library, exercise, drill] = await Promise.all([gate.duties(who.person, who.session.roles), gate.library(), exercises.openOf(who.person), drills.openOf(who.person)]);
      return {
        role: who.role, effect, exercise, drill,
        duties: duties.map((each) => dutyOut(each, library)),
        courses: [...library.all('lesson'), ...library.all('package')].flatMap((each) => (each.isReadable() ? [{ id: each.id, title: each.text().title, minutes: each.text().minutes }] : [])),
        policies: library.all('policy').map((each) => ({ id: each.id, title: library.titleOf('policy', each.id) })),
      };
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/education/courses/:id',
    schema: {
      operationId: 'readCourse', tags, summary: 'A lesson, as a tree of a few kinds', params: Type.Object({ id: TEXT_ID }),
      response: { 200: Type.Object({
        id: Type.String(), title: Type.String(), hash: Type.String(), locale: Type.String(), minutes: Type.Integer(),
        elsewhere: Type.Boolean({ description: 'made elsewhere: it has no sections and no quiz here, and is shown by a run' }),
        sections: SECTIONS,
        choices: Type.Array(Type.Object({ line: Type.Integer(), asks: Type.String(), options: Type.Array(Type.Object({ says: Type.String(), right: Type.Boolean(), because: Type.String() })) })),
        sources: Type.Array(Type.String()), exercises: Type.Array(Type.String()), practises: Type.Array(Type.String(), { description: 'exercises without which it is not passed' }), before: Type.Array(Type.String(), { description: 'courses that come before it' }),
      }) },
    },
    handler: async (request) => {
      needs.learner(request);
      const library = await needs.education.gate.library();
      const made = library.newest('package', request.params.id);
      if (made !== null) return elsewhere(made.text());
      const version = library.newest('lesson', request.params.id);
      if (version === null) throw educationFailure('TEXT_NOT_FOUND');
      const { id, title, hash, locale, minutes, sections, choices, sources, exercises, practises, requires } = version.text();
      return {
        id, title, hash, locale, minutes, elsewhere: false, sections: sectionsOut(sections), sources: [...sources], exercises: [...exercises], practises: [...practises], before: [...requires],
        choices: choices.map(({ line, asks, options }) => ({ line, asks, options: options.map((each) => ({ ...each })) })),
      };
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/courses/:id/sittings',
    schema: {
      operationId: 'beginSitting', tags, summary: 'Begin a try at the quiz of a course, or go on with the one that is open; three, then a day', params: Type.Object({ id: TEXT_ID }),
      response: { 201: Type.Object({ id: Type.String(), course: Type.String(), endsAt: Type.String(), questions: Type.Array(QUESTION) }) },
    },
    handler: async (request, reply) => {
      const who = needs.learner(request);
      const begun = await sittings().begin(byOf(who, request.id), who.person, request.params.id);
      const questions = begun.questions.map(({ id, kind, asks, options, beside }) => ({ id, kind, asks, options: [...options], beside: [...beside] }));
      return reply.code(201).send({ ...begun, endsAt: begun.endsAt.toISOString(), questions });
    },
  });

  server.route({
    method: 'POST',
    url: '/v1/education/sittings/:id/answers',
    schema: {
      operationId: 'handInSitting', tags, summary: 'Hand a try in: it is graded once, and access follows at the next request', params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      body: Type.Object({ answers: Type.Array(PLACES, { maxItems: 20, description: 'for each question places among its options, from 0' }) }, { additionalProperties: false }),
      response: { 200: Type.Object({
        course: Type.String(), passed: Type.Boolean(), exercises: Type.Array(Type.String(), { description: 'that the course asks for beside its quiz, and that are not passed yet' }), right: Type.Integer(), of: Type.Integer(),
        questions: Type.Array(Type.Object({ id: Type.String(), right: Type.Boolean(), because: Type.Array(Type.String()) })),
      }) },
    },
    handler: async (request) => {
      const who = needs.learner(request);
      const { questions, exercises, ...grade } = await sittings().handIn(byOf(who, request.id), who.person, request.params.id, request.body.answers);
      return { ...grade, exercises: [...exercises], questions: questions.map(({ id, right, because }) => ({ id, right, because: [...because] })) };
    },
  });
} // prettier-ignore

/**
 * Routes of AuthZEN: evaluation, evaluations, search, metadata. Each call is one entry of the log.
 * Source: OpenID AuthZEN Authorization API 1.0 (final, 11 January 2026) §6 to §10
 */
import Type, { type Static } from 'typebox';

import type { HttpServer } from '#platform/http';

import { ACTIONS, isAction } from '../actions.ts';
import { answer, resourcesOf, unanswered, type Answer } from '../authzen.ts';
import type { Actor } from '../decide.ts';
import { allowedActor, eventActor, type AccessHttpNeeds } from './guard.ts';

const TEXT = Type.String({ minLength: 1, maxLength: 300 });
const ANYTHING = Type.Optional(Type.Record(Type.String(), Type.Unknown()));
const ENTITY = Type.Object({ type: TEXT, id: TEXT, properties: ANYTHING });
const SOME = Type.Object({ type: TEXT, id: Type.Optional(TEXT), properties: ANYTHING });
const ACTION = Type.Object({ name: TEXT, properties: ANYTHING });
const PARTS = {
  subject: Type.Optional(ENTITY),
  action: Type.Optional(ACTION),
  resource: Type.Optional(ENTITY),
  context: ANYTHING,
};
const PAGE = Type.Optional(
  Type.Object({
    token: Type.Optional(Type.String({ maxLength: 20 })),
    limit: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
);
const WHOLE = { subject: ENTITY, action: ACTION, resource: ENTITY, context: ANYTHING };
const DECISION = Type.Object({
  decision: Type.Boolean(),
  context: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
const FOUND = (entity: ReturnType<typeof Type.Object>) =>
  Type.Object({
    results: Type.Array(entity),
    page: Type.Object({ next_token: Type.String(), count: Type.Integer(), total: Type.Integer() }),
  });
const NAMED = Type.Object({ type: Type.String(), id: Type.String() });

type Part = Static<ReturnType<typeof Type.Object<typeof PARTS>>>;
type Asked = object & { id: string };

const MOST_EVALUATIONS = 1000;
const PAGE_SIZE = 500;

export function authzenRoutes(server: HttpServer, needs: AccessHttpNeeds): void {
  const { access, identity, audit, actorOf, catalog } = needs;
  const tags = ['authzen'];

  /** Who may ask: about itself anybody, about others whose role includes it. */
  const asker = async (request: Asked, subjects: readonly Part['subject'][]): Promise<Actor> => {
    const actor = actorOf(request);
    const own = subjects.every((each) =>
      actor.session === undefined
        ? each?.type === 'key' && each.id === actor.id
        : each?.type === 'person' && each.id === actor.person,
    );
    return own ? actor : await allowedActor(needs, request, 'decisions.evaluate');
  };
  /** A person is there once for each role. */
  const subjectsOf = async (by: Actor, { type, id }: { type: string; id: string }): Promise<readonly Actor[]> => {
    if (type === 'person') {
      const people = await identity.actorsOfPeople(by, id);
      // of oneself also what is asked of one at this moment: what would leave masked is not said to be clear
      const { stricter, session } = by;
      const now = stricter === undefined || id !== by.person ? {} : { stricter, session };
      return Promise.all(
        people.map(async (each) => ({ ...each, ...now, training: await needs.trainingOfAsked(each) })),
      );
    }
    if (type === 'key') return access.actorsOfKeys(by, id);
    const inRole = type === 'role' ? access.actorInRole(by, id) : null;
    return inRole === null ? [] : [inRole];
  };
  const evaluate = async (by: Actor, { subject, action, resource, context = {} }: Part): Promise<Answer> => {
    if (subject === undefined || action === undefined || resource === undefined)
      return unanswered(400, 'subject, action and resource are needed');
    const found = await subjectsOf(by, subject);
    const answers = found.map((each) => {
      const made = answer(access.decide, catalog(), { subject: each, action: action.name, resource, context });
      return subject.type === 'person' ? { ...made, context: { ...made.context, role: each.role } } : made;
    });
    // who may do it in one of the roles may do it: the answer says in which
    return answers.find(({ decision }) => decision) ?? answers[0] ?? unanswered(404, 'there is no such subject');
  };
  /** What was asked in the log: only what is known here, since an id could be anything. */
  const log = async (
    request: Asked,
    by: Actor,
    what: string,
    parts: readonly Part[],
    answers: readonly Answer[],
  ): Promise<void> => {
    const roles = parts.flatMap(({ subject }) =>
      subject?.type === 'role' && access.roles(by).includes(subject.id) ? subject.id : [],
    );
    const actions = parts.flatMap(({ action }) => (action !== undefined && isAction(action.name) ? action.name : []));
    const purposes = parts.flatMap(({ context }) =>
      typeof context?.purpose === 'string' && catalog().purposes.has(context.purpose) ? context.purpose : [],
    );
    const first = answers[0]?.context;
    await audit.append({
      action: `access.${what}`,
      actor: eventActor(by),
      outcome: 'done',
      decision: answers.length === 1 && first?.policies !== undefined ? { allow: answers[0]?.decision === true, policies: first.policies, policyVersion: first.policyVersion ?? '' } : undefined,
      detail: { asked: answers.length, allowed: answers.filter(({ decision }) => decision).length, roles: [...new Set(roles)], actions: [...new Set(actions)], purposes: [...new Set(purposes)] },
      requestId: request.id,
    }); // prettier-ignore
  };

  server.route({
    method: 'POST',
    url: '/access/v1/evaluation',
    schema: {
      operationId: 'authzenEvaluation',
      tags,
      summary: 'May this subject do this? (AuthZEN 1.0)',
      body: Type.Object(WHOLE),
      response: { 200: DECISION },
    },
    handler: async (request) => {
      const by = await asker(request, [request.body.subject]);
      const made = await evaluate(by, request.body);
      await log(request, by, 'evaluate', [request.body], [made]);
      return made;
    },
  });

  server.route({
    method: 'POST',
    url: '/access/v1/evaluations',
    schema: {
      operationId: 'authzenEvaluations', tags, summary: 'Several questions at once (AuthZEN 1.0)',
      body: Type.Object({
        ...PARTS,
        evaluations: Type.Optional(Type.Array(Type.Object(PARTS), { maxItems: MOST_EVALUATIONS })),
        options: Type.Optional(Type.Object({ evaluations_semantic: Type.Optional(Type.Enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit'])) })),
      }),
      response: { 200: Type.Object({ decision: Type.Optional(Type.Boolean()), context: ANYTHING, evaluations: Type.Optional(Type.Array(DECISION)) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const { evaluations = [], options, ...defaults } = request.body;
      const parts: Part[] =
        evaluations.length === 0 ? [defaults] : evaluations.map((each) => ({ ...defaults, ...each }));
      const by = await asker(
        request,
        parts.map(({ subject }) => subject),
      );
      const stopAt = { execute_all: null, deny_on_first_deny: false, permit_on_first_permit: true }[
        options?.evaluations_semantic ?? 'execute_all'
      ];
      const answers: Answer[] = [];
      for (const part of parts) {
        const made = await evaluate(by, part);
        answers.push(made);
        if (made.decision === stopAt) break;
      }
      await log(request, by, 'evaluate', parts.slice(0, answers.length), answers);
      return evaluations.length === 0 ? answers[0] : { evaluations: answers };
    },
  });

  const search = <T>(
    what: 'subject' | 'resource' | 'action',
    body: Record<string, unknown>,
    entity: unknown,
    candidates: (by: Actor, asked: Part) => Promise<readonly [T, Part][]>,
  ): void => {
    server.route({
      method: 'POST',
      url: `/access/v1/search/${what}`,
      schema: {
        operationId: `authzenSearch${what[0]?.toUpperCase()}${what.slice(1)}`, tags, summary: `Which ${what}s would be allowed? (AuthZEN 1.0)`,
        body: Type.Object({ ...body, context: ANYTHING, page: PAGE } as never), response: { 200: FOUND(entity as never) },
      }, // prettier-ignore
      handler: async (request) => {
        const { page, ...asked } = request.body as Part & { page?: Static<typeof PAGE> };
        const by =
          what === 'subject'
            ? await allowedActor(needs, request, 'decisions.evaluate')
            : await asker(request, [asked.subject]);
        const found: T[] = [];
        const [parts, answers]: [Part[], Answer[]] = [[], []];
        for (const [one, part] of await candidates(by, asked)) {
          const made = await evaluate(by, part);
          parts.push(part);
          answers.push(made);
          if (made.decision) found.push(one);
        }
        await log(request, by, 'search', parts, answers);
        const from = /^\d{1,9}$/.test(page?.token ?? '') ? Number(page?.token) : 0;
        const results = found.slice(from, from + Math.min(page?.limit ?? PAGE_SIZE, PAGE_SIZE));
        const next = from + results.length;
        return {
          results,
          page: { next_token: next < found.length ? String(next) : '', count: results.length, total: found.length },
        } as never;
      },
    });
  };
  search('subject', { subject: SOME, action: ACTION, resource: ENTITY }, NAMED, async (by, asked) => {
    const type = asked.subject?.type ?? '';
    const listed: Readonly<Record<string, () => readonly string[] | Promise<readonly string[]>>> = {
      role: () => access.roles(by),
      key: async () => (await access.actorsOfKeys(by, null)).map(({ id }) => id),
      person: async () => [...new Set((await identity.actorsOfPeople(by, null)).map(({ id }) => id))],
    };
    const ids = Object.hasOwn(listed, type) ? await listed[type]?.() : [];
    return (ids ?? []).map((id) => [
      { type, id },
      { ...asked, subject: { type, id } },
    ]);
  });
  search('resource', { subject: ENTITY, action: ACTION, resource: SOME }, NAMED, async (_by, asked) =>
    (resourcesOf(catalog(), asked.resource?.type ?? '') ?? []).map((resource) => [resource, { ...asked, resource }]),
  );
  search('action', { subject: ENTITY, resource: ENTITY }, Type.Object({ name: Type.String() }), async (_by, asked) =>
    ACTIONS.map((name) => [{ name }, { ...asked, action: { name } }]),
  );

  server.route({
    method: 'GET',
    url: '/.well-known/authzen-configuration',
    config: { public: true } as never,
    schema: {
      operationId: 'authzenConfiguration',
      tags,
      summary: 'Where the decision point is (AuthZEN 1.0)',
      security: [],
      response: { 200: Type.Record(Type.String(), Type.String()) },
    },
    handler: async (request) => {
      // a name of its own wins over whatever host the asker named
      const here = needs.site.origin ?? `${request.protocol}://${request.host}`;
      return {
        policy_decision_point: here,
        access_evaluation_endpoint: `${here}/access/v1/evaluation`,
        access_evaluations_endpoint: `${here}/access/v1/evaluations`,
        search_subject_endpoint: `${here}/access/v1/search/subject`,
        search_resource_endpoint: `${here}/access/v1/search/resource`,
        search_action_endpoint: `${here}/access/v1/search/action`,
      };
    },
  });
}

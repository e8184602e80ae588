/** Routes of violations: of one's own, and of those who open, decide and keep them. To anybody else, none is there. */
import Type from 'typebox';

import { isFailure } from '#platform/failure';
import type { HttpServer } from '#platform/http';

import type { By } from '../by.ts';
import { violationFailure } from '../violations/failures.ts';
import type { MayDo } from '../violations/violations.ts';
import type { Part } from '../violations/view.ts';
import { ownerOf } from './exercises.ts';
import { byOf, type EducationHttpNeeds } from './needs.ts';
import { PERSON_ID, tags } from './shapes.ts';
import { BECAUSE, CLOSED, ID, OUTCOME, TO_OPEN, VIOLATION, VIOLATION_LINE, WORDS } from './violation-shapes.ts';

const path = '/v1/education/violations';
type Asked = object & { id: string };
type Asker = Readonly<{ by: By; who: string; may: MayDo }>;

export function violationRoutes(server: HttpServer, needs: EducationHttpNeeds): void {
  const violations = () => needs.education.violations;
  /** A person stands behind each of them: keys are not counted. */
  const asker = (request: Asked): Asker => {
    const actor = ownerOf(needs, request);
    const may = (action: Parameters<EducationHttpNeeds['may']>[1]) => needs.may(actor, action);
    return { by: byOf(actor, request.id), who: actor.person, may: { open: may('violations.open'), review: may('violations.review'), read: may('violations.read') } }; // prettier-ignore
  };
  /** What it is to them; otherwise it is answered as what is not there is, and the refusal is in the log. */
  const partIn = async (request: Asked, id: string): Promise<Readonly<{ by: By; who: string; part: Part }>> => {
    // a key that nobody stands behind is somebody's who may not see it
    if (needs.actorOf(request).person === undefined) await needs.allowed(request, 'violations.read');
    const { by, who, may } = asker(request);
    const part = await violations().partOf(who, id, may);
    if (part !== null) return { by, who, part };
    await unlessDenied(needs.allowed(request, 'violations.read'));
    throw violationFailure('VIOLATION_NOT_FOUND');
  };
  const unlessDenied = async (allowed: Promise<unknown>): Promise<void> => {
    try {
      await allowed;
    } catch (thrown) {
      if (!isFailure(thrown, 'ACCESS_DENIED')) throw thrown;
      throw violationFailure('VIOLATION_NOT_FOUND');
    }
  };
  const shown = async (request: Asked, id: string) => {
    const { by, who, part } = await partIn(request, id);
    return (await violations().look(by, who, id, part)) as never;
  };
  const decider = async (request: Asked, id: string): Promise<By> => {
    const { by, part } = await partIn(request, id);
    if (part === 'person' || part === 'opener') throw violationFailure('NOT_YOURS');
    await needs.allowed(request, 'violations.review');
    return by;
  };

  server.route({
    method: 'POST',
    url: path,
    config: { inspect: { text: ['body.says'] } } as never,
    schema: {
      operationId: 'openViolation', tags, summary: 'Open a violation: about somebody else, of a policy, on an entry of the log in which they acted. They are told, and may say something before two others decide',
      body: TO_OPEN, response: { 201: VIOLATION },
    }, // prettier-ignore
    handler: async (request, reply) => {
      const actor = await needs.allowed(request, 'violations.open');
      const { intent = false, rung = null, course = null, about = [], apart = [], ...wanted } = request.body;
      const by = byOf(actor, request.id);
      const id = await violations().open(by, { ...wanted, intent, rung, course, about, apart });
      return reply.code(201).send((await violations().look(by, by.person ?? '', id, 'opener')) as never);
    },
  });

  server.route({
    method: 'GET',
    url: path,
    schema: {
      operationId: 'listViolations', tags, summary: 'Violations in which you have a part, in the order in which they were opened. It names nobody: whom one is about stands in it alone, and there is no list by people',
      querystring: Type.Object({ after: Type.Optional(Type.String({ pattern: '^vio_[0-9a-z]{1,40}$', description: '`next` of the page before' })), limit: Type.String({ pattern: '^[1-9][0-9]{0,2}$', default: '100' }) }, CLOSED),
      response: { 200: Type.Object({ violations: Type.Array(VIOLATION_LINE), next: Type.Union([Type.String(), Type.Null()]) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const may = (action: 'violations.read' | 'violations.review') => needs.may(needs.actorOf(request), action);
      if (!may('violations.review') && !may('violations.read')) await needs.allowed(request, 'violations.open');
      const { who, may: mine } = asker(request);
      const { after = null, limit } = request.query;
      return (await violations().list(who, mine, { after, limit: Number(limit) })) as never;
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/mine`,
    schema: {
      operationId: 'myViolations', tags, summary: 'All that were opened about me, the newest first',
      response: { 200: Type.Object({ violations: Type.Array(VIOLATION_LINE) }) },
    }, // prettier-ignore
    handler: async (request) => ({ violations: (await violations().mine(asker(request).who)) as never }),
  });

  server.route({
    method: 'GET',
    url: `${path}/sources/:entry`,
    schema: {
      operationId: 'lookAtSource', tags, summary: 'An entry of the log in plain words, with its hash, and whether it could be held against somebody as carelessness',
      params: Type.Object({ entry: Type.String({ pattern: '^(0|[1-9][0-9]{0,14})$' }) }),
      querystring: Type.Object({ person: Type.Optional(PERSON_ID) }, CLOSED),
      response: { 200: Type.Object({ entry: Type.Integer(), hash: Type.String(), at: Type.String(), action: Type.String(), actor: Type.String(), says: Type.String(), refused: Type.Union([Type.String(), Type.Null()]) }) },
    }, // prettier-ignore
    handler: async (request) => {
      const actor = await needs.allowed(request, 'violations.open');
      return violations().source(byOf(actor, request.id), Number(request.params.entry), request.query.person ?? null);
    },
  });

  server.route({
    method: 'GET',
    url: `${path}/:id`,
    schema: { operationId: 'getViolation', tags, summary: 'One of them, as far as it is yours to see; who decides has read it from then on', params: ID, response: { 200: VIOLATION } }, // prettier-ignore
    handler: (request) => shown(request, request.params.id),
  });

  server.route({
    method: 'GET',
    url: `${path}/:id/proof`,
    schema: { operationId: 'violationProof', tags, summary: 'That its entry is in the log, for anybody to verify offline (C2SP tlog-proof)', params: ID, response: { 200: Type.Object({ proof: Type.String() }) } }, // prettier-ignore
    handler: async (request) => {
      await partIn(request, request.params.id);
      return { proof: await violations().proof(request.params.id) };
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/statement`,
    config: { inspect: { text: ['body.text'] } } as never,
    schema: {
      operationId: 'stateOnViolation', tags, summary: 'Say what happened, about whom it is; once, before anybody decides. Without `text` you say that you say nothing', params: ID,
      body: Type.Object({ text: Type.Optional(WORDS) }, CLOSED), response: { 200: VIOLATION },
    }, // prettier-ignore
    handler: async (request) => {
      await violations().state(asker(request).by, request.params.id, request.body.text ?? null);
      return shown(request, request.params.id);
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/votes`,
    config: { inspect: { text: ['body.because'] } } as never,
    schema: {
      operationId: 'decideOnViolation', tags, summary: 'Decide, as one of two who know nothing of the choice of each other; or settle it, where they differ. What follows is done at once', params: ID,
      body: Type.Object({ choice: OUTCOME, because: BECAUSE }, CLOSED), response: { 200: VIOLATION },
    }, // prettier-ignore
    handler: async (request) => {
      await violations().vote(await decider(request, request.params.id), request.params.id, request.body);
      return shown(request, request.params.id);
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/appeal`,
    config: { inspect: { text: ['body.text'] } } as never,
    schema: {
      operationId: 'appealViolation', tags, summary: 'Appeal, about whom it was decided, within 15 working days: somebody who had no part in it decides', params: ID,
      body: Type.Object({ text: WORDS }, CLOSED), response: { 200: VIOLATION },
    }, // prettier-ignore
    handler: async (request) => {
      await violations().appeal(asker(request).by, request.params.id, request.body.text);
      return shown(request, request.params.id);
    },
  });

  server.route({
    method: 'POST',
    url: `${path}/:id/answer`,
    config: { inspect: { text: ['body.because'] } } as never,
    schema: {
      operationId: 'answerAppeal', tags, summary: 'Answer an appeal: granted, what was done is undone as far as it can be', params: ID,
      body: Type.Object({ grant: Type.Boolean(), because: BECAUSE }, CLOSED), response: { 200: VIOLATION },
    }, // prettier-ignore
    handler: async (request) => {
      await violations().answer(await decider(request, request.params.id), request.params.id, request.body);
      return shown(request, request.params.id);
    },
  });
}

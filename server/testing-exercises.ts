/** For tests: two servers with staff, and what somebody does who practises on made-up customers. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { staffedSystems, type Staffed } from './testing-education.ts';
import type { Json } from './testing.ts';

/** A lesson that every role asks for. */
export const COURSE = 'handling-personal-data';
const SUPPORT = 'service.support';

/** Just enough of one customer. */
export const grantFor = (subjectId: unknown): object =>
  ({ purpose: SUPPORT, classes: ['sensitive'], subjects: [subjectId], minutes: 15, reads: 1, reason: 'another door' }); // prettier-ignore
/** The number that a made-up caller calls from. */
export const phoneIn = ({ brief }: Json): string => /\+49 30 231 25\d{3}/.exec(brief as string)?.[0] as string;

/** Starts with the tests of a file and ends with them. */
export function exerciseRoom() {
  const open: { world: Staffed | null } = { world: null };
  before(async () => {
    open.world = await staffedSystems();
  });
  after(() => open.world?.two.close());
  const world = (): Staffed => open.world as Staffed;
  const call: Staffed['two']['call'] = (...asked) => world().two.call(...asked);
  const begin = (cookie: string, id: string, server = 0) => call('POST', `/v1/education/exercises/${id}/tries`, { cookie, server });
  return {
    world,
    call,
    begin,
    begun: async (cookie: string, id: string): Promise<Json> => {
      const { status, body } = await begin(cookie, id);
      assert.equal(status, 201, JSON.stringify(body));
      return body;
    },
    look: async (cookie: string, id: string): Promise<Json> => (await call('GET', `/v1/education/exercises/${id}`, { cookie })).body,
    handIn: (cookie: string, id: string, server = 0) => call('POST', `/v1/education/tries/${id}/hand-in`, { cookie, server }),
    search: (cookie: string, where: object, purpose = SUPPORT, more: object = {}) =>
      call('POST', '/v1/vault/records/search', { cookie, purpose, body: { collection: 'customer', where, ...more } }),
    tidy: () => world().two.systems[0].education.exercises.sweep(),
    /** From here on the course asks for an exercise. */
    practised: async (): Promise<void> => {
      const dpo = (await world().two.newKey('dpo')).key;
      const { body: text } = await call('GET', `/v1/education/texts/lesson/${COURSE}`, { key: dpo });
      const source = (text.source as string).replace('\n---\n', '\npractises: [find-a-caller]\n---\n').replace(/^version: \d+/m, 'version: 9');
      const body = { kind: 'lesson', source, replaces: text.versions.at(-1).hash, material: true };
      const published = await call('POST', '/v1/education/texts', { key: dpo, body });
      assert.equal(published.status, 201, JSON.stringify(published.body));
    },
  };
} // prettier-ignore

/** Drills over the real routes: who may begin and see what, what opens by it, and that nothing of one is taken for real. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { readShelf } from '#practices/education';

import { PURPOSE, staffedSystems, type Staffed } from './testing-education.ts';
import { comeIn, type Json } from './testing.ts';

let world: Staffed;
before(async () => {
  world = await staffedSystems();
});
after(() => world.two.close());

const call: Staffed['two']['call'] = (...asked) => world.two.call(...asked);
const at = '/v1/education/drills';
const { drills } = readShelf().shelf;
const get = async (cookie: string, id: string): Promise<Json> => (await call('GET', `${at}/${id}`, { cookie })).body;

/** Without waiting, and as well as the text itself says. */
async function play(cookie: string, id: string, text: string): Promise<Json> {
  const own = drills.find((each) => each.id === text);
  await call('POST', `${at}/${id}/join`, { cookie });
  for (let server = 0; ; server = 1 - server) {
    const drill = await get(cookie, id);
    if (drill.score !== null) return drill;
    for (const { id: inject, decide } of drill.injects as Json[]) {
      if (decide === null || decide.decided !== null) continue;
      const right = own?.injects.find((each) => each.id === inject)?.decide?.options.find((each) => each.right);
      const body = { inject, option: (decide.options as string[]).indexOf(right?.says ?? '') };
      const made = await call('POST', `${at}/${id}/decisions`, { cookie, body, server });
      assert.equal(made.status, 200, JSON.stringify(made.body));
    }
    if (drill.breach !== null && drill.breach.asked.length === 0) {
      const begins = Date.parse(drill.beginsAt as string);
      const body = { actors: [drill.breach.actors[0].id], from: new Date(begins - 90 * 60_000).toISOString(), to: drill.beginsAt };
      const asked = await call('POST', `${at}/${id}/scopes`, { cookie, body, server });
      assert.equal(asked.status, 200, JSON.stringify(asked.body));
    }
    assert.equal((await call('POST', `${at}/${id}/next`, { cookie, server })).status, 200);
  }
} // prettier-ignore

/** From now on, of support. */
async function supportNeeds(document: Json, ids: readonly string[]): Promise<void> {
  document.roles.support.requires = { ...document.roles.support.requires, drills: ids };
  const security = await world.somebody(['security'], comeIn);
  const proposed = await call('POST', '/v1/access/policies', { cookie: security.cookie, body: { document, note: 'drills' } }); // prettier-ignore
  assert.equal(proposed.body.version?.state, 'validated', JSON.stringify(proposed.body));
  const path = `/v1/access/policies/${proposed.body.version.id}`;
  const { body: other } = await call('POST', '/v1/access/keys', { cookie: world.admin.cookie, body: { name: 'a', role: 'dpo' } }); // prettier-ignore
  assert.equal((await call('POST', `${path}/approve`, { key: other.key as string, body: { hash: proposed.body.version.hash } })).status, 200); // prettier-ignore
  const activator = await world.two.newKey('security');
  const activated = await call('POST', `${path}/activate`, { key: activator.key });
  assert.equal(activated.status, 200, JSON.stringify(activated.body));
}

test('a role that asks for a drill opens with it at the next read, on the other server too; the drill is no incident', async () => {
  const officer = await world.somebody(['dpo'], comeIn);
  const { body: active } = await call('GET', '/v1/access/policies/active', { cookie: officer.cookie });
  const lost = structuredClone(active.document) as Json;
  lost.roles.support.requires.drills = ['no-such-drill'];
  const proposer = await world.somebody(['security'], comeIn);
  const refused = await call('POST', '/v1/access/policies', { cookie: proposer.cookie, body: { document: lost, note: 'x' } }); // prettier-ignore
  assert.match(JSON.stringify(refused.body), /there is no drill no-such-drill/);
  await supportNeeds(active.document as Json, ['stolen-laptop']);

  const register = async () => (await call('GET', '/v1/education/incidents/register', { cookie: officer.cookie })).body.incidents.length as number; // prettier-ignore
  const incidents = await register();
  const ada = await world.somebody(['support'], comeIn);
  const read = (server: number) => call('GET', `/v1/vault/records/${world.recordId}`, { cookie: ada.cookie, purpose: PURPOSE, server }); // prettier-ignore
  const denied = await read(0);
  assert.equal(denied.status, 403, JSON.stringify(denied.body));
  assert.deepEqual((denied.body.training as Json[]).map(({ kind, id, url }) => [kind, id, url]), [['drill', 'stolen-laptop', '/v1/education/drills/about/stolen-laptop']]); // prettier-ignore
  assert.match(denied.body.detail as string, /take the drill stolen-laptop/);
  assert.equal((await call('GET', denied.body.training[0].url as string, { cookie: ada.cookie })).body.minutes, 25);

  const begun = await call('POST', at, { cookie: ada.cookie, body: { text: 'stolen-laptop' } });
  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  const id = begun.body.id as string;
  assert.equal((await call('GET', '/v1/education/mine', { cookie: ada.cookie })).body.drill.id, id);
  const played = await play(ada.cookie, id, 'stolen-laptop');
  assert.deepEqual([played.mark, played.state, played.score.total, played.score.scope.precision, played.score.scope.recall], ['DRILL', 'passed', 1, 1, 1]); // prettier-ignore
  assert.deepEqual([(await read(1)).status, (await read(0)).status], [200, 200]);

  assert.equal(await register(), incidents);
  assert.equal(await world.two.systems[0].incidents.isAnyOpen(), false);
  assert.deepEqual((await call('GET', '/v1/education/mine', { cookie: ada.cookie })).body.drill, null);
  const logged = await world.two.entriesOf('education.drill.planted');
  assert.ok(logged.length >= 7 && logged.every(({ detail }) => detail.made === 'up' && detail.drill === id));
  assert.deepEqual(await world.two.entriesOf('education.incident.scope'), []);
});

test('others are invited by who keeps the training alone, told by mail with the mark; a stranger and a customer hear nothing', async () => {
  const officer = await world.somebody(['dpo'], comeIn);
  const [bea, cyd] = [await world.somebody(['support']), await world.somebody(['support'])];
  assert.equal((await call('POST', at, { cookie: bea.cookie, body: { text: 'wrong-list', people: [cyd.id] } })).status, 403); // prettier-ignore
  assert.equal((await call('GET', at, { cookie: bea.cookie })).status, 403);
  const mails = async () => world.two.fresh.db<{ kind: string; n: number }[]>`select kind, count(*)::int as n from mail.outbox group by kind`; // prettier-ignore
  const before_ = new Map((await mails()).map(({ kind, n }) => [kind, n]));
  const begun = await call('POST', at, { cookie: officer.cookie, body: { text: 'wrong-list', people: [bea.id, cyd.id] } }); // prettier-ignore
  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  const id = begun.body.id as string;
  assert.equal((await call('POST', at, { cookie: bea.cookie, body: { text: 'ransom-note' } })).body.code, 'EDUCATION_DRILL_BUSY'); // prettier-ignore

  const stranger = await world.somebody(['support']);
  for (const [method, path, body] of [['GET', id], ['POST', `${id}/join`], ['POST', `${id}/decisions`, { inject: 'sent', option: 0 }], ['POST', `${id}/next`], ['POST', `${id}/stop`], ['POST', `${id}/notes`, { text: 'x' }], ['GET', `${id}/report`]] as const) {
    const { status } = await call(method, `${at}/${path}`, { cookie: stranger.cookie, ...(body === undefined ? {} : { body }) });
    assert.ok(status === 403 || status === 404, `${path}: ${status}`);
  } // prettier-ignore
  assert.equal((await call('POST', `${at}/${id}/decisions`, { cookie: bea.cookie, body: { inject: 'sent', option: 0 } })).body.code, 'EDUCATION_DRILL_NOT_IN'); // prettier-ignore
  const played = await play(bea.cookie, id, 'wrong-list');
  assert.deepEqual([played.state, played.score.scope], ['passed', null]);
  const verdicts = new Map((played.people as Json[]).map(({ id: each, verdict }) => [each, verdict]));
  assert.deepEqual([verdicts.get(bea.id), verdicts.get(cyd.id)], ['passed', null]);

  const added = (await mails()).filter(({ kind, n }) => n !== (before_.get(kind) ?? 0)).map(({ kind, n }) => [kind, n - (before_.get(kind) ?? 0)]); // prettier-ignore
  assert.deepEqual(added, [['education.drill', 2]]);
  const { body: report } = await call('GET', `${at}/${id}/report`, { cookie: officer.cookie });
  assert.match(report.name as string, /^DRILL-/);
  assert.match(report.text as string, /^# DRILL: The mail went to the wrong list/);
  assert.equal((await call('GET', at, { cookie: officer.cookie })).body.drills[0].id, id);
});

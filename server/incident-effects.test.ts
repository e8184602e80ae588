/** What an incident did, through a whole server: nothing that was found is lost by asking again, deciding early or reading. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { comeIn, twoSystems, type Answer, type CameIn, type Json, type TwoSystems } from './testing.ts';

const path = '/v1/education/incidents';
let both: TwoSystems;
type Key = Readonly<{ id: string; key: string }>;
let keys: Record<'application' | 'first' | 'second' | 'officer' | 'auditor', Key>;
let ann: CameIn;
let ben: CameIn;
let admin: CameIn;
let begun: string;

before(async () => {
  begun = new Date(Date.now() - 1000).toISOString();
  both = await twoSystems();
  const of = (role: string): Promise<Key> => both.newKey(role);
  keys = { application: await of('application'), first: await of('dpo'), second: await of('dpo'), officer: await of('security'), auditor: await of('auditor') };
  admin = await comeIn(both, both.systems[0].firstLink as string, { email: 'first@example.org', name: 'First' });
  const person = async (name: string, role: string): Promise<CameIn> => {
    const invited = await both.call('POST', '/v1/access/people', { cookie: admin.cookie, body: { email: `${name}@example.org`, name, roles: [role] } });
    return comeIn(both, invited.body.token as string);
  };
  [ann, ben] = [await person('ann', 'security'), await person('ben', 'dpo')];
}); // prettier-ignore
after(() => both.close());

const ok = ({ status, body }: Answer): Json => {
  assert.ok(status < 300, JSON.stringify(body));
  return body;
};
const reported = async (): Promise<string> => ok(await both.call('POST', path, { cookie: ann.cookie, body: { what: 'it leaked', kind: 'export-leaked' } })).id as string; // prettier-ignore
const get = async (id: string): Promise<Json> => ok(await both.call('GET', `${path}/${id}`, { cookie: ann.cookie }));
const change = async (id: string, body: object, cookie = ann.cookie): Promise<Answer> =>
  both.call('POST', `${path}/${id}/timeline`, { cookie, body: { version: (await get(id)).version, ...body } });
const ask = (id: string, more: object, key = keys.officer.key): Promise<Answer> =>
  both.call('POST', `${path}/${id}/scopes`, { key, body: { from: begun, to: '2999-01-01T00:00:00Z', ...more } });

async function read(by: Key, count: number): Promise<void> {
  const records = Array.from({ length: count }, () => ({ fields: { last_name: 'Quill', email: `q${Math.random()}@example.com` } }));
  const { results } = ok(await both.call('POST', '/v1/vault/records/batch', { key: keys.application.key, purpose: 'service', headers: { 'idempotency-key': `batch-${Math.random()}-of-customers` }, body: { collection: 'customer', records } }));
  ok(await both.call('POST', '/v1/vault/records/read', { key: by.key, purpose: 'legal', body: { ids: (results as Json[]).map(({ id }) => id as string) } }));
} // prettier-ignore

test('the authority and the register have all that was ever found, not what was asked for last', async () => {
  await read(keys.first, 20);
  await read(keys.second, 3);
  const id = await reported();
  const large = ok(await ask(id, { actors: [keys.first.id] }));
  ok(await ask(id, { actors: [keys.first.id] }));
  const small = ok(await ask(id, { actors: [keys.second.id] }));
  assert.deepEqual([large.totals.subjects, small.totals.subjects], [20, 3]);
  const draft = ok(await both.call('GET', `${path}/${id}/notices/authority`, { cookie: ben.cookie }));
  assert.deepEqual([draft.subjects.approximately, draft.subjects.inClear, draft.entries], [23, 23, 2]);
  assert.deepEqual([draft.scope, draft.scopes], [small.hash, [small.hash, large.hash, large.hash]]);
  const register = ok(await both.call('GET', `${path}/register`, { key: keys.auditor.key }));
  const { effects } = (register.incidents as Json[]).find((each) => each.id === id) as Json;
  assert.deepEqual([effects.subjects, effects.scopes.length, effects.firstAt], [23, 3, large.totals.firstAt]);

  // who read whom it concerns holds their names too: a breach of that key finds them, by more than sixteen in an entry
  ok(await both.call('GET', `${path}/${id}/scopes/${large.id as string}/subjects`, { key: keys.officer.key }));
  const again = await reported();
  const found = ok(await ask(again, { actors: [keys.officer.id] }));
  assert.deepEqual([found.totals.subjects, found.unknown.unnamed.entries], [20, []]);
  // and what words they read nobody can say
  ok(await both.call('GET', `${path}/register`, { key: keys.officer.key }));
  assert.equal(ok(await ask(again, { actors: [keys.officer.id] })).unknown.uncounted.length, 1);
}); // prettier-ignore

test('a slip of the pen, a name and what is not over yet are no clean answer', async () => {
  const id = await reported();
  const slip = 'key_00000000000000000000000001';
  const none = ok(await ask(id, { actors: [slip] }));
  assert.deepEqual([none.totals.subjects, none.unknown.unseen], [0, [slip]]);
  assert.match(none.says.join('\n') as string, new RegExp(`${slip}[\\s\\S]*was not over`));
  for (const asked of [{ actors: ['Max Mustermann'] }, { grants: ['all of them'] }, { requests: ['max@example.com'] }]) assert.equal((await ask(id, asked)).status, 400);
  assert.equal((await change(id, { kind: 'owner', owner: 'Max Mustermann' })).status, 400);
  // with a person the keys are meant that act as them; others that they made are named
  const made = async (role: string): Promise<Key> => ok(await both.call('POST', '/v1/access/keys', { cookie: admin.cookie, body: { name: role, role } })) as unknown as Key;
  const [own, other] = [await made('admin'), await made('dpo')];
  const { people } = ok(await both.call('GET', '/v1/access/people', { cookie: admin.cookie }));
  const person = (people as Json[]).find(({ name }) => name === 'First')?.id as string;
  await both.call('GET', '/v1/vault/subjects/sub_00000000000000000000000000', { key: own.key, purpose: 'legal' });
  const theirs = ok(await ask(id, { actors: [person] }));
  assert.deepEqual([theirs.unknown.unseen, theirs.unknown.notAsked], [[], [other.id]]);
  assert.deepEqual(ok(await ask(id, { actors: [person, other.id] })).unknown.notAsked, []);
}); // prettier-ignore

test('not to notify ends with what turns up after it was approved; no fact that starts a clock is without its time', async () => {
  const id = await reported();
  assert.equal((await change(id, { kind: 'fact', fact: 'aware' })).body.code, 'EDUCATION_INCIDENT_INVALID');
  assert.equal((await change(id, { kind: 'fact', fact: 'high-risk' })).body.code, 'EDUCATION_INCIDENT_INVALID');
  ok(await change(id, { kind: 'fact', fact: 'aware', happenedAt: begun }));
  const { version: decision } = ok(await change(id, { kind: 'proposed', clock: 'gdpr-33', what: 'not-notify', text: 'encrypted' }));
  const approved = ok(await change(id, { kind: 'approved', decision }, ben.cookie));
  assert.equal(approved.clocks[0].state, 'not-needed');
  ok(await ask(id, { actors: [keys.first.id] }));
  const now = await get(id);
  assert.deepEqual([now.clocks[0].state, now.decisions[0].outdated, now.decisions[0].state], ['running', true, 'approved']);
  for (const to of ['contain', 'scope', 'decide']) ok(await change(id, { kind: 'phase', to }));
  assert.deepEqual((await change(id, { kind: 'phase', to: 'recover' })).body.missing, ['decided']);
  const reads = (await both.entriesOf('education.incident.read')).filter(({ detail }) => detail.incident === id);
  assert.ok(new Set(reads.map(({ actor }) => actor.id)).size === 2, 'ben never asked for it, and was answered with all of its words');
}); // prettier-ignore

test('the register is read page by page while incidents move, each once; one person does not fill it', async () => {
  const { incidents } = ok(await both.call('GET', `${path}/register`, { key: keys.auditor.key }));
  const all = (incidents as Json[]).map((each) => each.id as string);
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page = ok(await both.call('GET', `${path}/register?limit=1${next === '' ? '' : `&before=${next}`}`, { key: keys.auditor.key }));
    seen.push(...(page.incidents as Json[]).map((each) => each.id as string));
    next = page.next as string | null;
    // the oldest of them is worked on meanwhile
    ok(await change(all.at(-1) as string, { kind: 'note', text: 'on it' }));
  }
  assert.deepEqual(seen, all);
  const statuses = [];
  for (let n = 0; n < 32; n += 1) statuses.push((await both.call('POST', path, { cookie: ben.cookie, body: { what: 'again' } })).status);
  assert.deepEqual([statuses.filter((each) => each === 201).length, statuses.at(-1)], [30, 429]);
  assert.equal((await both.call('POST', path, { cookie: ann.cookie, body: { what: 'another' } })).status, 201);
}); // prettier-ignore

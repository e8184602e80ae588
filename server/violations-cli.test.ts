/** The command line as people use it: a violation from the entry of the log to the answer of an appeal, each with a key of their own. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { PURPOSE, staffedSystems, type Staffed } from './testing-education.ts';
import { comeIn, entriesOf, type Json } from './testing.ts';

let world: Staffed;
before(async () => {
  world = await staffedSystems();
});
after(() => world.two.close());

type Own = Readonly<{ id: string; key: string }>;
/** Each of somebody else, who made it: it acts for them. */
async function own(role: string): Promise<Own> {
  const somebody = await world.somebody(['admin'], comeIn);
  const { body } = await world.two.call('POST', '/v1/access/keys', { cookie: somebody.cookie, body: { name: 'cli', role } });
  return { id: somebody.id, key: body.key as string };
} // prettier-ignore
const run = ({ key }: Own, ...args: string[]) => world.two.command(['violations', ...args], { noun: 'education', key });
async function json(who: Own, ...args: string[]): Promise<Json> {
  const { code, out, err } = await run(who, ...args, '--json');
  assert.equal(code, 0, `${args.join(' ')}: ${err}`);
  return JSON.parse(out) as Json;
}

test('one is opened on an entry, heard, decided by two and appealed against; what is none of theirs is not there', async () => {
  const [ada, opener, rex, sue, uma] = [await own('support'), await own('security'), await own('dpo'), await own('security'), await own('dpo')];
  // who may decide is asked of people, whatever keys there are
  for (let left = 3; left > 0; left -= 1) await world.somebody(['dpo'], comeIn);
  assert.equal((await world.two.call('GET', `/v1/vault/records/${world.recordId}`, { key: ada.key, purpose: PURPOSE })).status, 200);
  const entries = await entriesOf(world.two.systems[0]);
  const entry = String(entries.findLastIndex(({ action }) => action === 'vault.read'));
  const source = await json(opener, 'source', entry, '--person', ada.id);
  assert.deepEqual([source.refused, (source.says as string).includes('by a key')], [null, true]);
  assert.match((await run(opener, 'source', entry, '--person', rex.id)).out, /no source: somebody else acted/);
  assert.equal((await run(opener, 'source', 'x')).code, 2);
  const opens = ['open', ada.id, 'access', entry, 'Looked up without a purpose.', '--hash'];
  assert.match((await run(opener, ...opens, `-${'a'.repeat(42)}`)).err, /another hash/, 'of 64 hashes one begins with a dash');
  const words = [...opens, source.hash as string];
  assert.equal((await run(opener, ...words, '--rung', 'hr-referral')).code, 1);
  assert.equal((await run(ada, ...words)).code, 3);
  const { id } = await json(opener, ...words);

  assert.match((await run(ada, 'mine')).out, new RegExp(`^${id}  hearing .*you may say something`));
  assert.equal((await run(await own('support'), 'show', id as string)).code, 4, 'as if it were not there');
  assert.equal((await run(rex, 'decide', id as string, 'coaching', 'x')).code, 1, 'before the person was heard');
  assert.match((await run(ada, 'state', id as string, 'She had\u001b[31m called.')).out, /She had·?.*called/);
  assert.match((await run(rex, 'list')).out, new RegExp(`${id}  review .*decide`));
  assert.ok(!(await run(rex, 'list')).out.includes(ada.id));
  assert.equal((await run(rex, 'decide', id as string, 'dismiss', 'x')).code, 2);
  assert.equal((await run(rex, 'decide', id as string, 'coaching', 'x')).code, 1, 'it was not read');
  for (const who of [rex, sue]) {
    await json(who, 'show', id as string);
    await json(who, 'decide', id as string, 'coaching', 'It is what the log says.');
  }
  const decided = await run(ada, 'show', id as string);
  assert.match(decided.out, /decided: coaching\nA talk: it waits[^]*an appeal is open until/);
  assert.equal((await json(ada, 'appeal', id as string, 'It was an order.')).state, 'appealed');
  assert.equal((await run(rex, 'answer', id as string, 'grant', 'x')).code, 3, 'who decided');
  await json(uma, 'show', id as string);
  assert.equal((await run(uma, 'answer', id as string, 'perhaps', 'x')).code, 2);
  const answered = await json(uma, 'answer', id as string, 'grant', 'It was.');
  assert.deepEqual([answered.state, answered.answer.choice], ['closed', 'granted']);
  await world.two.systems[0].audit.integrate();
  assert.match((await run(ada, 'proof', id as string)).out, /tlog-proof/);
}); // prettier-ignore

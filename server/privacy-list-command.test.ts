/** `strongroom privacy requests list`: each page is written before the next one is read, and no more are read than asked for. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { startProgram, until } from './faults/running-server.ts';

const request = (n: number) => ({ id: `dsr_${n}`, kind: 'copy', state: 'refused', dueAt: '2026-01-01T00:00:00.000Z', overdue: false, subject: 'sub_1', firstEyes: null, paused: false, mail: null, proof: { asker: 'subject', needed: null, reached: 'none', shown: [] } }); // prettier-ignore

/** Two pages of two; the second one waits until it is let go. */
async function pages(t: TestContext, none = false) {
  const asked: string[] = [];
  const gate = Promise.withResolvers<void>();
  const server = createServer((ask, answer) => {
    const { searchParams } = new URL(ask.url ?? '', 'http://x');
    asked.push([...searchParams].map(([name, value]) => `${name}=${value}`).join(' '));
    const isSecond = searchParams.has('cursor');
    const body = none ? { requests: [], next: null } : { requests: isSecond ? [3, 4].map(request) : [1, 2].map(request), next: isSecond ? null : 'a-cursor' };
    const say = () => answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (isSecond) gate.promise.then(say, assert.fail);
    else say();
  }).listen(0, '127.0.0.1');
  t.after(() => void server.close());
  await once(server, 'listening');
  const list = (...args: readonly string[]) =>
    startProgram(['cli/main.ts', 'privacy', 'requests', 'list', ...args], { env: { STRONGROOM_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, STRONGROOM_KEY: 'srk_x', STRONGROOM_HOME: '/nowhere' } });
  return { asked, list, letGo: () => gate.resolve() };
} // prettier-ignore

for (const json of [false, true])
  test(`a page is written before the next one is there${json ? ', for machines too' : ''}`, async (t) => {
    const { asked, list, letGo } = await pages(t);
    const listed = list('--closed', ...(json ? ['--json'] : []));
    await until('the first page is written', () => listed.out().includes('dsr_2'));
    assert.ok(!listed.out().includes('dsr_3'));
    letGo();
    assert.equal((await listed.ended).code, 0);
    assert.deepEqual(asked, ['which=closed limit=500', 'which=closed cursor=a-cursor limit=500']);
    const ids = json ? (JSON.parse(listed.out()) as { requests: { id: string }[] }).requests.map(({ id }) => id) : listed.out().trim().split('\n').map((line) => line.split(' ')[0]);
    assert.deepEqual(ids, ['dsr_1', 'dsr_2', 'dsr_3', 'dsr_4']);
  }); // prettier-ignore

test('of a limit no more is read; of none it says so; what is no number is said', async (t) => {
  const { asked, list } = await pages(t);
  const two = list('--limit', '2');
  assert.equal((await two.ended).code, 0);
  assert.deepEqual([asked.length, asked[0]?.includes('limit=2'), two.out().trim().split('\n').length], [1, true, 2]);
  assert.equal((await list('--limit', '0').ended).code, 2);
  const nothing = await pages(t, true);
  const [words, machine] = [nothing.list(), nothing.list('--json')];
  await Promise.all([words.ended, machine.ended]);
  assert.deepEqual([words.out(), machine.out()], ['none\n', '{"requests":[]}\n']);
});

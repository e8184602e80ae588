/** `strongroom education incidents reports …` and `report-link …`: all that the team does, from a terminal. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { twoSystems, type Json, type TwoSystems } from './testing.ts';
import { visitor } from './visitor.ts';

let both: TwoSystems;
let key: string;
before(async () => {
  both = await twoSystems();
  ({ key } = await both.newKey('security'));
});
after(() => both.close());

const run = (args: readonly string[], as = key) => both.command(['incidents', ...args], { noun: 'education', key: as });
const json = async (...args: string[]): Promise<Json> => {
  const { code, out, err } = await run([...args, '--json']);
  assert.equal(code, 0, `${args.join(' ')}: ${err}`);
  return JSON.parse(out) as Json;
};

test('the link is made, replaced and ended; reports are listed, read, asked about, closed, made incidents', async () => {
  assert.match((await run(['report-link'])).out, /there is none/);
  const { link } = await json('report-link', 'replace');
  assert.equal((await run(['report-link', 'show'])).out.trim(), link.url);
  const stranger = visitor(
    () => both.systems[1],
    () => both.urls[1],
  );
  const path = new URL(link.url as string).pathname;
  const tell = async (words: string): Promise<string> => {
    const form = /name="form" value="([^"]+)"/.exec((await stranger.ask(path)).text)?.[1] ?? '';
    const { text } = await stranger.ask(path, { form: { form, kind: 'strange', words, reach: '' } });
    return /receipt"><strong>([^<]+)/.exec(text)?.[1] ?? '';
  };
  const receipt = await tell('a \u001b[31mred\u001b[0m word');
  await tell('another');

  const listed = await run(['reports']);
  assert.match(listed.out, /^2 wait for the team\nirp_/, listed.err);
  assert.ok(!listed.out.includes('word'));
  const [second, first] = (await json('reports', 'list')).reports as Json[];
  const shown = await run(['reports', 'show', first?.id as string]);
  assert.ok(shown.out.includes('red') && !shown.out.includes('\u001b'), JSON.stringify(shown.out));
  await json('reports', 'look', first?.id as string);
  assert.match((await run(['reports', 'ask', first?.id as string, 'where?'])).out, /asked by[^]*where\?/);
  assert.match((await stranger.ask('/tell/number', { form: { receipt } })).text, /where\?/);
  // one question was asked since nothing was read
  for (const step of [['look'], ['ask', 'when?'], ['close', 'x'], ['incident']]) {
    const [name, ...words] = step as [string, ...string[]];
    const seen = (count: string) => run(['reports', name, first?.id as string, ...words, '--seen', count]);
    assert.deepEqual([(await seen('0')).code, (await seen('many')).code, (await seen('-1')).code], [1, 2, 2], name);
  }
  assert.equal((await json('reports', 'show', first?.id as string)).talk.length, 1);
  assert.equal((await json('reports', 'look', first?.id as string, '--seen', '1')).talk.length, 1);
  assert.equal((await json('reports', 'close', first?.id as string, 'thank you', '--seen', '1')).state, 'closed');
  assert.equal((await run(['reports', 'close', first?.id as string, 'again'])).code, 1);
  const incident = await json('reports', 'incident', second?.id as string, '--kind', 'ransomware');
  assert.match(incident.incident as string, /^inc_/);
  assert.equal((await run(['reports', 'incident', second?.id as string, '--kind', 'x'])).code, 2);
  assert.deepEqual([(await json('reports')).reports.length, (await json('reports', '--all')).reports.length], [1, 2]);
  const { key: auditor } = await both.newKey('auditor');
  assert.equal((await run(['reports', 'look', second?.id as string], auditor)).code, 3);
  assert.equal((await run(['report-link', 'end'])).out.trim(), 'it is dead');
  assert.equal((await stranger.ask(path)).status, 404);
  for (const noun of [['reports'], ['report-link'], ['reports', 'ask']]) {
    const help = await run([...noun, '--help']);
    assert.deepEqual([help.code, help.out.startsWith('Usage: ')], [0, true]);
  }
});

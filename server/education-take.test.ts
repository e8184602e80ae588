/** `education take` and `sign` with keys: the server takes neither, and the commands say where it is done. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { twoSystems, type TwoSystems } from './testing.ts';

let two: TwoSystems;
before(async () => {
  two = await twoSystems();
});
after(() => two.close());

const ask = (args: readonly string[], key = two.admin) => two.command(args, { noun: 'education', key });

test('a key takes no lesson and signs no policy, and whoever tries is told where they do it', async () => {
  for (const [what, id, place, title] of [
    ['take', 'phishing', 'learn', 'Mail that wants something from you'],
    ['sign', 'customer-data', 'sign', 'Handling customers'],
  ] as const) {
    const { code, out, err } = await ask([what, id]);
    assert.deepEqual([code, out], [3, '']);
    for (const part of [`${two.urls[1]}/console/${place}/${id}`, title, 'A key is nobody who learns', 'ACCESS_SESSION_NEEDED']) assert.ok(err.includes(part), `${part} in ${err}`); // prettier-ignore
    const told = JSON.parse((await ask([what, id, '--json'])).err) as Record<string, unknown>;
    assert.deepEqual([told.code, told.url, told.status], ['ACCESS_SESSION_NEEDED', `${two.urls[1]}/console/${place}/${id}`, 403]); // prettier-ignore
  }
});

test('a key that sees no texts is told by the id; one of nowhere, and a slip of the pen, are said to be that', async () => {
  const { key } = await two.newKey('collector');
  const { code, err } = await ask(['take', 'phishing'], key);
  assert.equal(code, 3, err);
  assert.match(err, /“phishing” is taken in the console/);
  const none = await ask(['take', 'no-such-lesson']);
  assert.deepEqual([none.code, /there is no lesson no-such-lesson/.test(none.err)], [2, true], none.err);
  assert.equal((await ask(['sign', '../x'])).code, 2);
});

test('nothing of a try or a signature is left by it', async () => {
  const [row] = await two.fresh.db<{ n: number }[]>`
    select (select count(*) from education.sittings)::int + (select count(*) from education.acknowledgements)::int as n`;
  assert.equal(row?.n, 0);
});

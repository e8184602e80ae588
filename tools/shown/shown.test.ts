import assert from 'node:assert/strict';
import { test } from 'node:test';

import { blocksOf, type Block } from './blocks.ts';
import { runBlocks } from './run-blocks.ts';

const FENCE = '```';
const shown = (...scripts: readonly string[]): readonly Block[] =>
  blocksOf('a.md', scripts.map((script) => `${FENCE}sh ${script}\n${FENCE}\n`).join('\n'));

test('sh blocks are found with their line and mode, other languages are left alone', () => {
  const text = `# a\n${FENCE}sh\none\ntwo\n${FENCE}\n${FENCE}ts\nx\n${FENCE}\n${FENCE}sh no-run needs a cloud account\nthree\n${FENCE}\n`;

  const blocks = blocksOf('a.md', text);

  assert.deepEqual(
    blocks.map(({ line, mode, reason, script }) => [line, mode, reason, script]),
    [
      [2, 'run', '', 'one\ntwo'],
      [9, 'no-run', 'needs a cloud account', 'three'],
    ],
  );
});

test('a no-run without a reason, an unknown mode, bash for sh and an open fence are refused', () => {
  assert.throws(() => blocksOf('a.md', `${FENCE}sh no-run\nx\n${FENCE}\n`), /a\.md:1 no-run needs a reason/);
  assert.throws(() => blocksOf('a.md', `${FENCE}sh norun because\nx\n${FENCE}\n`), /"norun" is not/);
  assert.throws(() => blocksOf('a.md', `${FENCE}bash\nx\n${FENCE}\n`), /write ```sh/);
  assert.throws(() => blocksOf('a.md', `${FENCE}sh\nx\n`), /never closes/);
});

test('blocks run in order in one shell and one home that is not the caller’s', async () => {
  const blocks = shown(
    'run\nword=sealed; cd "$HOME"; echo $word > file',
    'run\ntest "$(cat ~/file)" = "$word"; echo home=$HOME',
  );

  const { ok, ran, output } = await runBlocks(blocks, { root: process.cwd() });

  assert.ok(ok, output);
  assert.equal(ran, 2);
  assert.match(output, /home=.*strongroom-shown-/);
});

test('the first block that fails is named, with what it said, and nothing after it runs', async () => {
  const blocks = shown('run\necho fine', 'run\necho broken seal; false; echo not here', 'run\necho never');

  const { failed, output } = await runBlocks(blocks, { root: process.cwd() });

  assert.equal(failed, blocks[1]);
  assert.match(output, /broken seal/);
  assert.doesNotMatch(output, /not here|never/);
});

test('a block that leaves by exit 0 is a failure, or the rest would be skipped in silence', async () => {
  const { ok, failed } = await runBlocks(shown('run\nexit 0', 'run\nfalse'), { root: process.cwd() });

  assert.equal(ok, false);
  assert.equal(failed?.script, 'exit 0');
});

test('a server block keeps running for the next one and ends with the document', async () => {
  const serve = `node -e "require('http').createServer((q, r) => r.end('answers on ' + process.env.STRONGROOM_URL)).listen(process.env.STRONGROOM_PORT)"`;
  const blocks = shown(
    `server\n${serve}`,
    'run\nnode -e "fetch(process.env.STRONGROOM_URL).then(async (r) => console.log(await r.text()))"',
  );

  const { ok, output } = await runBlocks(blocks, { root: process.cwd() });

  assert.ok(ok, output);
  const url = /answers on (\S+)/.exec(output)?.[1] ?? '';
  assert.match(url, /^http:/);
  await assert.rejects(fetch(url));
});

test('a block that hangs is ended and named', async () => {
  const blocks = shown('run\nsleep 60');

  const { failed, output } = await runBlocks(blocks, { root: process.cwd(), timeoutMs: 500 });

  assert.equal(failed, blocks[0]);
  assert.match(output, /out of time/);
});

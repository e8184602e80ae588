import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  checkpointText,
  consistencyProof,
  noteKeyOf,
  openNote,
  parseLines,
  rootOf,
  signNote,
  verifyConsistency,
} from '#platform/tlog';

import { makeHome } from './home.ts';
import { openMemory } from './store.ts';
import { createWitness } from './witness.ts';
import {
  ORIGIN,
  newLogKey,
  vkey,
  type History,
  history,
  names,
  noteAt,
  requestOf,
  newFolder,
  watch,
} from './testing-watch.ts';

test('it cosigns the first checkpoint it sees, each that follows, and the same once more, with both its keys', async (t) => {
  const { log, keys, send, clock } = watch(t);
  const leaves = history(...names('a', 300));

  for (const [oldSize, size] of [
    [0, 1],
    [1, 2],
    [2, 200],
    [200, 200],
    [200, 300],
  ] as const) {
    clock.now = new Date(clock.now.getTime() + 1000);
    const { status, type, body } = send(await requestOf(log, leaves, oldSize, size));
    assert.deepEqual([status, type], [200, 'text/plain; charset=utf-8'], body);
    const opened = openNote(noteAt(log, leaves, size) + body, keys);
    assert.equal(opened?.signed.size, 2);
    for (const at of opened.signed.values()) assert.deepEqual(at, clock.now);
    assert.equal(parseLines(body)?.length, 2);
  }
});

test('it answers as the specification says to what it does not cosign', async (t) => {
  const { log, send, memory } = watch(t);
  const leaves = history(...names('a', 20));
  const other = history(...names('b', 20));
  const stranger = newLogKey();
  assert.equal(send(await requestOf(log, leaves, 0, 10)).status, 200);
  const before = memory.last(ORIGIN);
  const good = await requestOf(log, leaves, 10, 20);
  const [, proofLine = ''] = good.split('\n');

  const cases: readonly (readonly [string, string, number])[] = [
    ['an unknown log', `old 0\n\n${noteAt(newLogKey('x'), leaves, 5, 'example.org/unknown')}`, 404],
    ['a stranger who signs in its name', await requestOf(stranger, leaves, 10, 20), 403],
    ['a note without a signature of the log', good.replace('— example.org/log', '— example.org/lag'), 403],
    [
      'a signature that is wrong',
      good.replace(/(— \S+ \S{20})(.)/, (_all, head: string, one: string) => head + (one === 'A' ? 'B' : 'A')),
      403,
    ],
    ['an old size above the size', `old 11\n\n${noteAt(log, leaves, 10)}`, 400],
    ['an old size that it does not have', await requestOf(log, leaves, 5, 20), 409],
    ['the first request once more', await requestOf(log, leaves, 0, 10), 409],
    ['an older checkpoint', await requestOf(log, leaves, 5, 9), 409],
    ['another tree of the same size', `old 10\n\n${noteAt(log, other, 10)}`, 409],
    ['another tree, larger', await requestOf(log, other, 10, 20), 422],
    ['a proof with a line too few', good.replace(`${proofLine}\n`, ''), 422],
    ['a proof with a line too many', good.replace(`${proofLine}\n`, `${proofLine}\n${proofLine}\n`), 422],
    ['a proof for the same size', `old 10\n${proofLine}\n\n${noteAt(log, leaves, 10)}`, 422],
  ];
  for (const [what, body, status] of cases) {
    const answer = send(body);
    assert.equal(answer.status, status, what);
    if (status === 409) assert.deepEqual([answer.type, answer.body], ['text/x.tlog.size', '10\n'], what);
    assert.doesNotMatch(answer.body, /—/);
  }
  assert.deepEqual(memory.last(ORIGIN), before);
  assert.equal(send(good).status, 200);
});

test('a body in any other spelling is refused with 400', async (t) => {
  const { log, send } = watch(t);
  const leaves = history(...names('a', 8));
  assert.equal(send(await requestOf(log, leaves, 0, 3)).status, 200);
  const good = await requestOf(log, leaves, 3, 8);
  const hash = `${randomBytes(32).toString('base64')}\n`;
  for (const wrong of [
    '',
    '\n',
    'old 3',
    good.slice(0, -1),
    good.replace('old 3', 'old 03'),
    good.replace('old 3', 'old +3'),
    good.replace('old 3', 'old  3'),
    good.replace('old 3', 'OLD 3'),
    good.replace('old 3', 'old -1'),
    good.replace('old 3', 'old 9007199254740993'),
    good.replace('old 3\n', ''),
    good.replace('old 3\n', 'old 3\nAAAA\n'),
    good.replace('old 3\n', `old 3\n${hash.replace('=', '')}`),
    good.replace('old 3\n', `old 3\n${hash.repeat(64)}`),
    good.replaceAll('\n', '\r\n'),
    good.replace('\n8\n', '\n08\n'),
    good.replace(`${ORIGIN}\n8`, `${ORIGIN}\n8\n`),
    `\ufeff${good}`,
  ])
    assert.equal(send(wrong).status, 400, JSON.stringify(wrong.slice(0, 60)));
  assert.equal(send(Buffer.concat([Buffer.from(good), Buffer.from([0xff])])).status, 400);
  assert.equal(send(good).status, 200);
});

test('an empty log is cosigned as the empty tree and as no other', async (t) => {
  const { log, send } = watch(t);
  const leaves = history('a');
  const forged = signNote(checkpointText({ origin: ORIGIN, size: 0, root: randomBytes(32) }), [log], new Date());

  assert.equal(send(`old 0\n\n${forged}`).status, 422);
  assert.equal(send(`old 0\n\n${noteAt(log, leaves, 0)}`).status, 200);
  assert.equal(send(`old 0\n\n${forged}`).status, 409);
  assert.equal(send(await requestOf(log, leaves, 0, 1)).status, 200);
});

test('what a log signed and should not have is kept once, and told', async (t) => {
  const { log, send, evidence, folder } = watch(t);
  const [leaves, other] = [history(...names('a', 20)), history(...names('b', 20))];
  send(await requestOf(log, leaves, 0, 10));
  const fork = `old 10\n\n${noteAt(log, other, 10)}`;

  for (let i = 0; i < 3; i += 1) send(fork);
  send(await requestOf(log, other, 10, 15));
  send(await requestOf(newLogKey(), other, 10, 16));

  assert.deepEqual(
    evidence.map(({ size, origin }) => [origin, size]),
    [
      [ORIGIN, 10],
      [ORIGIN, 15],
    ],
  );
  assert.ok(statSync(join(folder, 'memory.sqlite')).size > 0);
});

test('whatever a log that forks at will sends, all that is cosigned is of one history', async (t) => {
  const log = newLogKey();
  const shared = names('s', 6);
  const histories = [
    history(...shared, ...names('a', 10)),
    history(...shared, ...names('b', 10)),
    history(...names('c', 16)),
  ];
  const step = fc.record({
    which: fc.nat(2),
    old: fc.option(fc.nat(16), { nil: null }),
    size: fc.nat(16),
    mix: fc.nat(2),
  });
  const folder = newFolder(t);
  const home = makeHome(folder, { name: 'w', policy: `log ${vkey(log)}\nquorum none\n` });
  const memory = openMemory(home.memoryPath);
  t.after(() => memory.close());
  let round = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      // a memory for each run would be a file for each: another origin is as good
      round += 1;
      const origin = `example.org/log${round}`;
      const signer = { ...log, name: origin };
      const witness = createWitness({
        signers: home.signers.slice(0, 1),
        logs: new Map([[origin, [noteKeyOf(signer)]]]),
        memory,
        clock: () => new Date(),
        onEvidence: () => undefined,
      });
      const cosigned: { size: number; leaves: History }[] = [];
      for (const { which, old, size, mix } of steps) {
        const leaves = histories[which] as History;
        const oldSize = old ?? memory.last(origin)?.size ?? 0;
        const from = histories[mix] as History;
        const proof =
          oldSize > size
            ? []
            : await consistencyProof(oldSize, size, (a, b) => Promise.resolve(rootOf(from.slice(a, b))));
        const note = signNote(
          checkpointText({ origin, size, root: rootOf(leaves.slice(0, size)) }),
          [signer],
          new Date(),
        );
        const body = `old ${oldSize}\n${proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('')}\n${note}`;
        if (witness.addCheckpoint(Buffer.from(body)).status === 200) cosigned.push({ size, leaves });
      }
      for (const [i, one] of cosigned.entries())
        for (const later of cosigned.slice(i + 1)) {
          assert.ok(later.size >= one.size);
          assert.deepEqual(later.leaves.slice(0, one.size), one.leaves.slice(0, one.size));
        }
    }),
    { numRuns: 300 },
  );
});

test('no body makes it do anything but answer', async (t) => {
  const { log, send } = watch(t);
  const good = await requestOf(log, history(...names('a', 9)), 0, 9);
  fc.assert(
    fc.property(fc.nat(good.length), fc.nat(60), fc.uint8Array({ maxLength: 40 }), (at, cut, piece) => {
      const answer = send(Buffer.concat([Buffer.from(good.slice(0, at)), piece, Buffer.from(good.slice(at + cut))]));
      assert.ok([200, 400, 403, 404, 409, 422].includes(answer.status));
    }),
    { numRuns: 2000 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => send(bytes).status === 400));
});

test('a checkpoint with extension lines is cosigned by the key that covers them', async (t) => {
  const { log, send, keys } = watch(t);
  const leaves = history('a');
  const note = signNote(
    `${checkpointText({ origin: ORIGIN, size: 1, root: rootOf(leaves) })}extended\n`,
    [log],
    new Date(),
  );

  const { status, body } = send(`old 0\n\n${note}`);

  assert.equal(status, 200);
  assert.deepEqual(
    [...(openNote(note + body, keys)?.signed.keys() ?? [])].map(({ type }) => type),
    [4],
  );
});

test('a clock that goes back a little changes no order; one that goes back far is not believed', async (t) => {
  const { log, send, clock, keys } = watch(t);
  const leaves = history(...names('a', 9));
  const start = clock.now;
  send(await requestOf(log, leaves, 0, 1));

  clock.now = new Date(start.getTime() - 60_000);
  const second = send(await requestOf(log, leaves, 1, 2));
  clock.now = new Date(start.getTime() - 3_600_000);
  const third = send(await requestOf(log, leaves, 2, 3));

  const [at] = openNote(noteAt(log, leaves, 2) + second.body, keys)?.signed.values() ?? [];
  assert.deepEqual(at, start);
  assert.equal(third.status, 503);
  clock.now = new Date(start.getTime() + 1000);
  assert.equal(send(await requestOf(log, leaves, 2, 3)).status, 200);
});

test('the proofs that these tests send are what the specification of the tree says', async () => {
  const leaves = history(...names('a', 13));
  for (let old = 1; old <= 13; old += 1) {
    const proof = await consistencyProof(old, 13, (a, b) => Promise.resolve(rootOf(leaves.slice(a, b))));
    assert.equal(verifyConsistency(old, rootOf(leaves.slice(0, old)), 13, rootOf(leaves), proof), true);
  }
});

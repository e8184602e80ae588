import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { checkpointText, parseCheckpoint } from './checkpoint.ts';

// the example of C2SP tlog-cosignature
const TEXT = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';

test("the specification's example is read, and written the same", () => {
  const checkpoint = parseCheckpoint(TEXT);

  assert.equal(checkpoint?.origin, 'example.com/behind-the-sofa');
  assert.equal(checkpoint.size, 20_852_163);
  assert.equal(checkpoint.root.toString('hex').slice(0, 8), '0ac5186a');
  assert.equal(checkpointText(checkpoint), TEXT);
});

test('any checkpoint is read back as it was written', () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z0-9./-]{1,40}$/),
      fc.maxSafeNat(),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      (origin, size, bytes) => {
        const checkpoint = { origin, size, root: Buffer.from(bytes) };
        assert.deepEqual(parseCheckpoint(checkpointText(checkpoint)), checkpoint);
      },
    ),
  );
});

test('extension lines are left alone', () => {
  assert.equal(parseCheckpoint(`${TEXT}an extension\n`)?.size, 20_852_163);
});

test('every other spelling of a checkpoint is refused', () => {
  const [origin, size, root] = TEXT.split('\n') as [string, string, string];
  for (const wrong of [
    '',
    origin,
    `${origin}\n${size}`,
    `${origin}\n${size}\n${root}`,
    `\n${size}\n${root}\n`,
    `${origin}\n\n${root}\n`,
    `${origin}\n0${size}\n${root}\n`,
    `${origin}\n+${size}\n${root}\n`,
    `${origin}\n-1\n${root}\n`,
    `${origin}\n1e3\n${root}\n`,
    `${origin}\n${size} \n${root}\n`,
    `${origin}\n9007199254740993\n${root}\n`,
    `${origin}\n9999999999999999\n${root}\n`,
    `${origin}\n${size}\n${root.slice(0, -1)}\n`,
    `${origin}\n${size}\n${root.replace('2I=', '2J=')}\n`,
    `${origin}\n${size}\n${root.slice(4)}\n`,
    `${origin}\n${size}\nAAAA${root}\n`,
    `${origin}\r\n${size}\r\n${root}\r\n`,
  ])
    assert.equal(parseCheckpoint(wrong), null, JSON.stringify(wrong));
});

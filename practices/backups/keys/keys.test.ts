import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isFailure } from '#platform/failure';

import { ceremonySheet, sheetPdf, sheetText } from './ceremony.ts';
import { combineIdentity, makeIdentity, splitIdentity } from './identity.ts';

const refused = (thrown: unknown): boolean => isFailure(thrown, 'BACKUPS_SHARES_WRONG');
const identity = await makeIdentity();
const shares = (await splitIdentity(identity)) as [string, string, string, string, string];

test('any three of five shares make the identity, in any order, with the spaces of whoever typed them', async () => {
  for (const some of [
    [0, 1, 2],
    [4, 2, 0],
    [3, 1, 4],
    [0, 1, 2, 3, 4],
  ])
    assert.deepEqual(await combineIdentity(some.map((n) => ` ${shares[n]}\n`)), identity);
});

test('too few, doubled, mistyped, foreign and made-up shares are refused, and no error repeats any of them', async () => {
  const other = (await splitIdentity(await makeIdentity())) as [string, string, string];
  const lowered = (share: string): string => share.replace(':3:', ':2:');
  const bad: string[][] = [
    [],
    [shares[0]],
    [shares[0], shares[1]],
    [shares[0], shares[0], shares[1]],
    [shares[0], shares[1], other[2]],
    [...other.slice(0, 2), shares[2]],
    [shares[0], shares[1], shares[2].slice(0, -1)],
    [
      shares[0],
      shares[1],
      shares[2].replace(/[0-9](?=[0-9a-f]*:[0-9a-f]{8}$)/, (digit) => (digit === '1' ? '2' : '1')),
    ],
    [lowered(shares[0]), lowered(shares[1])],
    ['strongroom-share-1', 'x', ''],
    [identity.identity],
  ];
  for (const some of bad)
    await assert.rejects(
      combineIdentity(some),
      (thrown: Error) => {
        for (const share of [...shares, identity.identity]) assert.ok(!thrown.message.includes(share.slice(30, 60)));
        return refused(thrown);
      },
      JSON.stringify(some.map((share) => share.length)),
    );
});

test('two shares with a threshold of two in forged check digits combine to something else, and are found out', async () => {
  const { createHash } = await import('node:crypto');
  const forged = shares.slice(0, 2).map((share) => {
    const body = share
      .split(':')
      .slice(0, 5)
      .join(':')
      .replace(/:3:(?=[0-9a-f]+$)/, ':2:');
    return `${body}:${createHash('sha256').update(body).digest('hex').slice(0, 8)}`;
  });
  await assert.rejects(combineIdentity(forged), refused);
});

test('the sheet has a cover without secrets and one share on each page', async () => {
  const sheets = ceremonySheet({ ...identity, signer: null, shares, threshold: 3, at: new Date() });
  const texts = sheets.map((sheet) => sheetText(sheet).replaceAll('\n', ''));

  assert.equal(sheets.length, 6);
  assert.ok(texts[0]?.includes(identity.recipient));
  for (const [page, text] of texts.entries())
    for (const [n, share] of shares.entries()) assert.equal(text.includes(share), page === n + 1);
  assert.ok(texts.every((text) => !text.includes(identity.identity)));
  const pdf = await sheetPdf(sheets);
  assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
  assert.equal(pdf.toString('latin1').match(/\/Type \/Page\b/g)?.length, 6);
});

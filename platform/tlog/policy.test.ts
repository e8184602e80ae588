import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { checkpointText } from './checkpoint.ts';
import { judgeNote } from './judge.ts';
import { signNote } from './note.ts';
import { isMet, parsePolicy, PolicyError, type Policy } from './policy.ts';
import {
  COSIGNATURE_ED25519,
  COSIGNATURE_ML_DSA_44,
  formatVerifierKey,
  mlDsa44FromSeed,
  NOTE_ED25519,
  noteKeyOf,
  type NoteSigner,
} from './vkey.ts';

const ed = (name: string, type: 1 | 4): NoteSigner => ({
  name,
  type,
  privateKey: generateKeyPairSync('ed25519').privateKey,
});
const vkey = (signer: NoteSigner): string => formatVerifierKey(noteKeyOf(signer));
const read = (text: string): Policy => parsePolicy(Buffer.from(text));

const LOG = ed('example.org/log', NOTE_ED25519);
const [X1, X2, X3, Y1, Y2] = ['x1', 'x2', 'x3', 'y1', 'y2'].map((name) => ed(name, COSIGNATURE_ED25519)) as [
  NoteSigner,
  NoteSigner,
  NoteSigner,
  NoteSigner,
  NoteSigner,
];
// the example of the specification, with keys
const EXAMPLE = `log ${vkey(LOG)}

witness X1 ${vkey(X1)}
witness X2 ${vkey(X2)}\thttps://x2.example/
witness X3 ${vkey(X3)}
group X-witnesses 2 X1 X2 X3

  # both organisations
witness Y1 ${vkey(Y1)}
witness Y2 ${vkey(Y2)}
group Y-witnesses any Y1 Y2

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;
const TEXT = checkpointText({ origin: 'example.org/log', size: 7, root: randomBytes(32) });
const AT = new Date();

test('the example of the specification asks for two of one group and one of the other', () => {
  const policy = read(EXAMPLE);
  const cosigned = (...witnesses: NoteSigner[]) => judgeNote(signNote(TEXT, [LOG, ...witnesses], AT), policy);

  assert.equal(policy.witnesses.find(({ name }) => name === 'X2')?.url, 'https://x2.example/');
  for (const [witnesses, met] of [
    [[X1, X2, Y1], true],
    [[X3, X2, Y1, Y2], true],
    [[X1, X2], false],
    [[X1, Y1, Y2], false],
    [[Y1, Y2], false],
    [[], false],
  ] as const)
    assert.equal(cosigned(...witnesses).quorumMet, met, witnesses.map(({ name }) => name).join());
  const verdict = cosigned(X1, Y2);
  assert.deepEqual(
    verdict.missing.map(({ name }) => name),
    ['X2', 'X3', 'Y1'],
  );
  assert.equal(verdict.cosigned[0]?.at?.getTime(), Math.floor(AT.getTime() / 1000) * 1000);
});

test('quorum none asks for no witness, and a single witness may be the quorum', () => {
  const note = signNote(TEXT, [LOG], AT);

  assert.equal(judgeNote(note, read(`log ${vkey(LOG)}\nquorum none\n`)).quorumMet, true);
  assert.equal(judgeNote(note, read(`log ${vkey(LOG)}\nwitness w ${vkey(X1)}\nquorum w\n`)).quorumMet, false);
});

test('a checkpoint is accepted from a listed log only, under its own name', () => {
  const policy = read(`log ${vkey(LOG)}\nquorum none\n`);
  const pq: NoteSigner = { name: LOG.name, type: COSIGNATURE_ML_DSA_44, privateKey: mlDsa44FromSeed(randomBytes(32)) };
  const other = TEXT.replace('example.org/log', 'example.org/other');

  assert.equal(judgeNote(signNote(TEXT, [LOG], AT), policy).head?.size, 7);
  assert.equal(judgeNote(signNote(TEXT, [pq], AT), policy).head, null);
  assert.equal(judgeNote(signNote(TEXT, [pq], AT), read(`log ${vkey(pq)}\nquorum none\n`)).head?.size, 7);
  assert.equal(judgeNote(signNote(other, [LOG], AT), policy).head, null);
  assert.equal(judgeNote('junk', policy).quorumMet, false);
  // a policy without logs takes those that are known from elsewhere, and none otherwise
  const open = read('quorum none\n');
  assert.equal(judgeNote(signNote(TEXT, [LOG], AT), open).head, null);
  assert.equal(judgeNote(signNote(TEXT, [LOG], AT), open, [noteKeyOf(LOG)]).head?.size, 7);
});

test('a witness whose key was replaced does not count, and a wrong cosignature in its name spoils the note', () => {
  const policy = read(`log ${vkey(LOG)}\nwitness w ${vkey(X1)}\nquorum w\n`);
  const replaced = ed('x1', COSIGNATURE_ED25519);
  const good = signNote(TEXT, [LOG, X1], AT);

  assert.equal(judgeNote(good, policy).quorumMet, true);
  assert.deepEqual(
    judgeNote(signNote(TEXT, [LOG, replaced], AT), policy).missing.map(({ name }) => name),
    ['w'],
  );
  const forged = good.replace(
    /(— x1 \S{30})(.)/,
    (_all, head: string, unit: string) => head + (unit === 'A' ? 'B' : 'A'),
  );
  assert.equal(judgeNote(forged, policy).head, null);
});

const W = `witness w ${vkey(X1)}\n`;
const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['an empty file', '', /no newline|no quorum|newline/],
  ['no quorum', W, /no quorum/],
  ['two quorums', `${W}quorum w\nquorum w\n`, /line 3: there is a quorum line already/],
  ['a quorum of nobody', `${W}quorum v\n`, /line 2: the quorum is not defined/],
  ['a quorum before its witness', `quorum w\n${W}`, /line 1/],
  ['a quorum with more words', `${W}quorum w w\n`, /expected: quorum/],
  ['a line cut off', `${W}quorum w`, /does not end with a newline/],
  ['an unknown word', 'witnes w x\nquorum none\n', /line 1: a line begins with/],
  ['a carriage return', `${W}quorum w\r\n`, /line 2: .*control character/],
  ['a byte of zero', `${W}quorum w\0\n`, /control character/],
  ['DEL', `${W}quorum w\u007f\n`, /control character/],
  ['the same witness twice', `${W}witness v ${vkey(X1)}\nquorum w\n`, /this key stands there already/],
  ['the same name twice', `${W}witness w ${vkey(X2)}\nquorum w\n`, /defined already/],
  ['the name none', `witness none ${vkey(X1)}\nquorum none\n`, /none is taken/],
  ['the same log twice', `log ${vkey(LOG)}\nlog ${vkey(LOG)}\nquorum none\n`, /this log stands there already/],
  ['a key that is none', 'witness w abc\nquorum w\n', /no verifier key/],
  ['a log key for a witness', `witness w ${vkey(LOG)}\nquorum w\n`, /signature type 1 is not one of a witness/],
  ['a witness key for a log', `log ${vkey(X1)}\nquorum none\n`, /signature type 4 is not one of a log/],
  ['a group of nobody', `${W}group g all\nquorum g\n`, /expected: group/],
  ['a group of the unknown', `${W}group g all v\nquorum g\n`, /a member is not defined/],
  ['a group of itself', `${W}group g all g\nquorum g\n`, /a member is not defined/],
  ['none in a group', `${W}group g all none\nquorum g\n`, /a member is not defined/],
  ['a witness twice in a group', `${W}group g 2 w w\nquorum g\n`, /belongs to a group already/],
  ['a witness in two groups', `${W}group g all w\ngroup h all w\nquorum h\n`, /belongs to a group already/],
  ...['0', '2', '-1', '01', '1.0', '1e0', 'some', '0x1'].map(
    (k) => [`a group of ${k}`, `${W}group g ${k} w\nquorum g\n`, /needs all, any, or a number/] as const,
  ),
];
test('a policy that is not understood is refused with its line', async (t) => {
  for (const [what, text, pattern] of REFUSED)
    await t.test(what, () => {
      assert.throws(
        () => read(text),
        (thrown) => thrown instanceof PolicyError && pattern.test(thrown.message),
      );
    });
});

test('names are octets: two that look alike are two', () => {
  const kelvin = read(`witness K ${vkey(X1)}\nwitness \u212a ${vkey(X2)}\ngroup g all K \u212a\nquorum g\n`);

  assert.deepEqual(
    kelvin.witnesses.map(({ name }) => name),
    ['K', '\u212a'],
  );
  // an octet that is no UTF-8 is a name too
  const bytes = Buffer.concat([
    Buffer.from(`witness `),
    Buffer.from([0xff]),
    Buffer.from(` ${vkey(X1)}\nquorum none\n`),
  ]);
  assert.equal(parsePolicy(bytes).witnesses.length, 1);
});

test('no file makes the parser do anything but read or refuse', () => {
  const piece = fc.constantFrom(
    'log',
    'witness',
    'group',
    'quorum',
    'none',
    'all',
    'any',
    '2',
    'w',
    'g',
    '\n',
    ' ',
    '\t',
    '#',
    vkey(X1),
    vkey(LOG),
    '\0',
    'é',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(piece).map((all) => all.join('')),
        fc.string(),
        fc.array(piece).map((all) => `${all.join(' ')}\n`),
      ),
      (text) => {
        try {
          assert.ok(read(text).quorum);
        } catch (thrown) {
          assert.ok(thrown instanceof PolicyError, String(thrown));
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test('a cosignature more never takes a quorum away, and a nested quorum is what its words say', () => {
  const witnesses = Array.from({ length: 9 }, (_, i) => ed(`w${i}`, COSIGNATURE_ED25519));
  const lines = witnesses.map((one, i) => `witness w${i} ${vkey(one)}\n`).join('');
  fc.assert(
    fc.property(
      fc.tuple(...[1, 2, 3].map(() => fc.integer({ min: 1, max: 3 }))),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
      (needs, top, has) => {
        const groups = needs.map((need, g) => `group g${g} ${need} w${g * 3} w${g * 3 + 1} w${g * 3 + 2}\n`).join('');
        const policy = read(`${lines}${groups}group top ${top} g0 g1 g2\nquorum top\n`);
        const signed = new Set(policy.witnesses.filter((_, i) => has[i]).map(({ key }) => key));

        const counts = needs.map((need, g) => has.slice(g * 3, g * 3 + 3).filter(Boolean).length >= need);
        const expected = counts.filter(Boolean).length >= top;

        assert.equal(isMet(policy.quorum, signed), expected);
        for (const { key } of policy.witnesses) assert.ok(!expected || isMet(policy.quorum, new Set([...signed, key])));
      },
    ),
    { numRuns: 200 },
  );
});

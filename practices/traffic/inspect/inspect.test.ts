import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import fc from 'fast-check';

import { createInspector, isRefused, PLACES, SIGNATURES, type Inspector, type Part, type Place } from './index.ts';
import { inspectorBy } from './inspect.ts';
import { openLibddwaf } from './libddwaf.ts';
import { openOwn } from './own-engine.ts';
import { isPlain, LIMITS, piecesOf } from './parts.ts';

type Case = Readonly<{ place: Place; value: string }>;
const casesOf = async (kind: 'attacks' | 'quiet'): Promise<readonly Case[]> =>
  JSON.parse(await readFile(new URL(`../../../vectors/inspect/${kind}.json`, import.meta.url), 'utf8')) as readonly Case[]; // prettier-ignore
const part = (value: string, place: Place = 'query', name = 'q'): Part => ({ place, name, value });
const both = (): readonly Inspector[] => [createInspector({ budgetMs: 5000 }), createInspector({ engine: 'own', budgetMs: 5000 })]; // prettier-ignore

test('libddwaf loads here, with every signature', () => {
  const inspector = createInspector();

  assert.equal(inspector.says, 'libddwaf');
  assert.ok(SIGNATURES.length >= 35);
  assert.equal(new Set(SIGNATURES.map(({ id }) => id)).size, SIGNATURES.length);
  inspector.close();
});

test('attacks match, and what people and programs write does not', async () => {
  const [attacks, quiet] = await Promise.all([casesOf('attacks'), casesOf('quiet')]);
  for (const inspector of both()) {
    const verdictOf = ({ place, value }: Case) => inspector.inspect([part(value, place)]).verdict;

    const missed = attacks.filter((each) => verdictOf(each) !== 'match');
    const wrong = quiet.filter((each) => verdictOf(each) !== 'clean');
    assert.ok(missed.length <= (inspector.engine === 'libddwaf' ? 0 : 2), JSON.stringify(missed));
    assert.deepEqual(wrong, []);
    inspector.close();
  }
  const seen = new Set<Place>(attacks.map(({ place }) => place));
  assert.deepEqual(PLACES.filter((each) => !seen.has(each)), []); // prettier-ignore
  assert.ok(attacks.length >= 100 && quiet.length >= 200);
});

test('every signature finds something of its own', async () => {
  const inspector = createInspector({ budgetMs: 5000 });
  const found = new Set((await casesOf('attacks')).flatMap(({ place, value }) => inspector.inspect([part(value, place)]).matches.map(({ rule }) => rule))); // prettier-ignore

  assert.deepEqual(SIGNATURES.map(({ id }) => id).filter((id) => !found.has(id)), []); // prettier-ignore
});

test('an attack is found wherever it stands: deep in a long value, the last of many, a parameter’s name, encoded twice', () => {
  for (const inspector of both()) {
    const attack = "1' UNION SELECT password FROM users --";
    const found = (parts: readonly Part[]) => inspector.inspect(parts).verdict;

    for (const before of [0, 900, 1340, 4090, 9000]) {
      assert.equal(found([part(`${'é'.repeat(before)} ${attack}`)]), 'match', `behind ${before}`);
      assert.equal(found([part(`${'x'.repeat(before)} ${attack} ${'y'.repeat(900)}`)]), 'match', `inside, ${before}`);
    }
    assert.equal(found([...Array.from({ length: 600 }, (_, at) => part(`v${at}`)), part(attack)]), 'match');
    assert.equal(found([part('1', 'query', 'user[$ne]')]), 'match');
    assert.equal(found([part(encodeURIComponent(encodeURIComponent(attack)))]), 'match');
    assert.equal(found([part(Buffer.from(attack).toString('base64'))]), 'match');
    assert.equal(found([part(`%zz%${encodeURIComponent(attack)}`)]), 'match');
    inspector.close();
  }
});

test('what was not looked at is never clean: too long, too many, out of time, cut off by the engine', () => {
  const harmless = createInspector({ budgetMs: 5000 });
  for (const parts of [
    [part('a'.repeat(LIMITS.characters + 1))],
    Array.from({ length: LIMITS.parts + 1 }, () => part('a b')),
  ]) {
    const { verdict, reason } = harmless.inspect(parts);
    assert.equal(verdict, 'unsure');
    assert.match(reason, /^not all was looked at: \d+/);
  }
  harmless.close();

  // no time at all
  const hurried = createInspector({ budgetMs: 0.001 });
  const late = hurried.inspect(Array.from({ length: 240 }, () => part('select a from b '.repeat(80))));
  assert.deepEqual([late.verdict, late.reason], ['unsure', 'not all was looked at: out of time']);
  hurried.close();
  let now = 0;
  const slow = inspectorBy(openOwn(10, () => (now += 8)), ''); // prettier-ignore
  assert.equal(slow.inspect([part('a b'), part('b c'), part('c d')]).verdict, 'unsure');

  // past what libddwaf looks at, given to it as it is: it must not be taken at its word
  const engine = openLibddwaf(5000);
  const text = 'x'.repeat(5000);
  assert.match(engine.search([{ place: 'query', name: 'q', text }]).unfinished ?? '', /cut something off/);
  assert.equal(engine.search([{ place: 'query', name: 'q', text: 'x'.repeat(4000) }]).unfinished, null);
  engine.close();
});

test('no piece is longer than libddwaf looks at, and all of a value is in them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 6000 }), (value) => {
      const cut = piecesOf([part(value, 'text')]);
      assert.ok('pieces' in cut);
      for (const { text } of cut.pieces) assert.ok(Buffer.byteLength(text) <= 4096);
      const step = LIMITS.piece - LIMITS.overlap;
      const whole = cut.pieces.map(({ text }, at) => (at === cut.pieces.length - 1 ? text : text.slice(0, step))).join(''); // prettier-ignore
      assert.equal(whole, value);
    }),
    { numRuns: 30 },
  );
});

test('no few letters and digits are an attack: they are not looked at', () => {
  const engines = [openLibddwaf(5000), openOwn(5000)];
  const words = fc.sample(fc.stringMatching(/^[A-Za-z0-9_-]{1,10}$/), { numRuns: 3000, seed: 5 }).filter(isPlain);
  const risky = ['sleep', 'select', 'union', 'script', 'onload', 'passwd', 'exec', '--', 'or', 'and', 'jndi', 'aced00057', 'rO0AB', 'ls', 'cat', 'id', 'DROP', 'null', '0x7f', 'a--', '1-1', '-e'].filter(isPlain); // prettier-ignore
  assert.deepEqual(['__proto__', 'xp_dirtree', 'pg_user'].filter(isPlain), []);

  for (const engine of engines) {
    const pieces = [...words.slice(0, engine.name === 'own' ? 300 : 3000), ...risky].flatMap((text) =>
      (['query', 'header'] as const).map((place) => ({ place, name: 'q', text })),
    );
    const { found, unfinished } = engine.search(pieces);
    assert.equal(unfinished, null);
    assert.deepEqual([...new Set(found.map(({ piece }) => pieces[piece]?.text))], []); // prettier-ignore
    engine.close();
  }
});

test('a header and a query that were clean are remembered, free text and what matched are not; another name or place is another', () => {
  const asked: string[] = [];
  const engine = openOwn(5000);
  const inspector = inspectorBy({ ...engine, search: (pieces) => (asked.push(...pieces.map(({ text }) => text)), engine.search(pieces)) }, ''); // prettier-ignore
  const clean = [part('text/html, */*', 'header', 'accept'), part('some value?')];
  const again = [part('some words', 'text', 'body.note'), part("' or 1=1 --", 'header', 'x')];

  for (let times = 0; times < 3; times += 1) for (const some of [clean, again]) inspector.inspect(some);
  inspector.inspect([part('some value?', 'query', 'p'), part('some value?', 'path', 'q')]);

  const count = (text: string) => asked.filter((each) => each === text).length;
  assert.deepEqual(['text/html, */*', 'some words', "' or 1=1 --"].map(count), [1, 3, 3]);
  assert.equal(count('some value?'), 3, 'once, and once for the other name and the other place');
  // what joins name and value otherwise is not taken for it
  assert.equal(inspector.inspect([part('b', 'query', 'a c?')]).verdict, 'clean');
  asked.length = 0;
  inspector.inspect([part('c? b', 'query', 'a')]);
  assert.ok(asked.includes('c? b'));
});

test('monitor lets through, refuse refuses what matches and what was not looked at', () => {
  const inspector = createInspector({ budgetMs: 5000 });
  const [clean, match] = [inspector.inspect([part('50')]), inspector.inspect([part('<script>alert(1)</script>')])];
  const unsure = inspector.inspect([part('a'.repeat(LIMITS.characters + 1))]);

  assert.deepEqual([clean, match, unsure].map((each) => isRefused(each, 'monitor')), [false, false, false]); // prettier-ignore
  assert.deepEqual([clean, match, unsure].map((each) => isRefused(each, 'refuse')), [false, true, true]); // prettier-ignore
  inspector.close();
});

test('what is said of a match holds nothing of the request but a plain name', () => {
  const inspector = createInspector({ budgetMs: 5000 });

  const said = inspector.inspect([part("secret-value' OR 1=1 --", 'query', "na<me>\n' x")]);

  assert.equal(said.verdict, 'match');
  assert.doesNotMatch(JSON.stringify(said), /secret-value|<me>|\\n/);
  inspector.close();
});

test('hostile texts take no longer than their budget, by much', () => {
  for (const inspector of [createInspector(), createInspector({ engine: 'own' })]) {
    for (const value of [
      "'".repeat(60_000),
      '((((('.repeat(12_000),
      '%25'.repeat(20_000),
      '${'.repeat(30_000),
      '<'.repeat(60_000),
    ]) {
      // prettier-ignore
      const began = process.threadCpuUsage();
      inspector.inspect([part(value)]);
      // the budget is 50 ms of a clock; of the processor's time it is less, whatever else the machine does
      assert.ok(process.threadCpuUsage(began).user < 1_000_000);
    }
    inspector.close();
  }
});

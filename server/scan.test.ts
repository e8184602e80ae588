import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { lintCatalog } from '#practices/collection';

import { freshDatabase } from '#platform/testing';

const ROOT = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'sr-scan-'));
after(() => rm(folder, { recursive: true, force: true }));

type Column = { name: string; type: string | null; class: string | null; level: string; inText: { type: string }[] };
type Report = {
  tables: { name: string; sampled: number; columns: Column[] }[];
  missing: { name: string; because: string }[];
  warnings: string[];
  drifts?: { kind: string; column: string | null; field: string | null }[];
};
type Ended = { code: number | null; out: string; err: string; report: Report };

const scan = (...args: string[]): Promise<Ended> => run(['scan', ...args, '--json']);

async function run(args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, ['server/main.ts', 'collection', ...args], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], NODE_OPTIONS: '--max-old-space-size=400' },
  });
  child.stdin.end(input);
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, err, report: (args[0] === 'scan' && out.startsWith('{') ? JSON.parse(out) : {}) as Report };
}
const file = async (name: string, content: string | Buffer): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
};
const typesOf = (report: Report, at = 0): Record<string, string | null> =>
  Object.fromEntries((report.tables[at]?.columns ?? []).map(({ name, type }) => [name, type]));

test('a live PostgreSQL is scanned without a change and without a value in the report', async (t) => {
  const { db, url } = await freshDatabase(t);
  await db.unsafe(`
    create table customer (customer_id int primary key, first_name text, last_name text, email text, profile jsonb, raw bytea, notes text, photo text);
    insert into customer select i, 'Leonie', 'Köhler', 'leonie' || i || '@example.org',
      jsonb_build_object('tags', jsonb_build_array('a'), 'contact', jsonb_build_object('mail', 'p' || i || '@example.net')),
      case when i % 2 = 0 then convert_to('mü' || i || '@example.org', 'LATIN1') else convert_to('mü' || i || '@example.org', 'UTF8') end,
      'On Monday she asked to be written to at private' || i || '@example.com from now on, please', null
    from generate_series(1, 3000) i;
    update customer set photo = repeat('x', 20 * 1000 * 1000) where customer_id = 7;
    create view mail as select email from customer;
    create table product (id int primary key, title text);
    insert into product values (1, 'a hammer');
    analyze`);

  const draft = join(folder, 'draft.yaml');
  const { code, out, err, report } = await scan(url, '--propose', draft);

  assert.equal(code, 0, err);
  const columns = Object.fromEntries(
    report.tables.flatMap((table) => table.columns.map((each) => [`${table.name}.${each.name}`, each])),
  );
  assert.equal(columns['public.customer.email']?.type, 'email');
  assert.equal(columns['public.customer.profile $.contact.mail']?.type, 'email');
  assert.equal(columns['public.customer.raw']?.type, 'email');
  assert.equal(columns['public.mail.email']?.type, 'email');
  assert.equal(columns['public.product.title']?.type, null);
  assert.ok(
    columns['public.customer.notes']?.type === 'email' ||
      columns['public.customer.notes']?.inText.some(({ type }) => type === 'email'),
  );
  assert.ok((report.tables.find(({ name }) => name === 'public.customer')?.sampled ?? 9999) <= 1000);
  assert.match(report.warnings.join(' '), /may write/);
  for (const value of ['Leonie', 'Köhler', '@example', 'a hammer']) assert.ok(!out.includes(value), value);
  const text = await readFile(draft, 'utf8');
  assert.ok(!text.includes('@example') && !text.includes('product:'));
  const linted = lintCatalog(text);
  assert.equal(linted.ok, false);
  assert.ok(
    linted.problems.every(({ says }) => /legal basis/.test(says)),
    JSON.stringify(linted.problems),
  );
  const decided = text.replaceAll('# legalBasis', 'legalBasis').replaceAll('# retention: {', 'retention: {');
  assert.deepEqual(lintCatalog(decided).problems, []);
  assert.equal((await db`select count(*)::int as n from customer`)[0]?.['n'], 3000);
});

test('a table that takes too long is said to be missing, and the others are read', async (t) => {
  const { db, url } = await freshDatabase(t);
  await db.unsafe(`create table a (email text); insert into a values ('x@example.org');
    create view slow as select pg_sleep(20)::text as s;`);

  const { code, report } = await scan(url, '--timeout', '3');

  assert.equal(code, 1);
  assert.deepEqual(
    report.missing.map(({ name }) => name),
    ['public.slow'],
  );
  assert.deepEqual(
    report.tables.map(({ name }) => name),
    ['public.a'],
  );
});

test('files: mixed encodings, no header, a 20 MB field, a hostile line, keys that are values, a value cut by no piece', async () => {
  const csv = await file(
    'crm.csv',
    Buffer.concat([
      Buffer.from('Mary;mary@example.org\n'),
      Buffer.from('Jür;jue@example.org\nIda;ida@example.org\n', 'latin1'),
      Buffer.from(`Bo;${'x'.repeat(20_000_000)}\n`),
    ]),
  );
  const people = Object.fromEntries(
    Array.from({ length: 6 }, (_, i) => [`smith${String.fromCharCode(97 + i)}`, { mail: `a${i}@example.org` }]),
  );
  const json = await file('users.json', JSON.stringify({ users: people, big: 'y'.repeat(20_000_000) }));
  const log = await file(
    'app.log',
    `${'@'.repeat(50_000)}${'1'.repeat(950_000)}\n${'word '.repeat(200_000)}end\nlogin jo@example.org\n`,
  );

  const [ofCsv, ofJson, ofLog] = await Promise.all([scan(csv), scan(json), scan(log, '--fail-on', 'certain')]);

  assert.deepEqual(typesOf(ofCsv.report), { column_1: typesOf(ofCsv.report)['column_1'], column_2: 'email' });
  assert.ok(!ofCsv.out.includes('Mary'));
  assert.match(ofCsv.report.warnings.join(' '), /Latin-1.*could not be read/);
  assert.equal(typesOf(ofJson.report)['$.users{*}.mail'], 'email');
  assert.ok(!ofJson.out.includes('smith'), ofJson.out.slice(0, 400));
  assert.deepEqual(Object.values(typesOf(ofLog.report)), ['email']);
  assert.equal(ofLog.code, 1);
});

test('drift against a catalogue: what is not declared, what is gone; and an import map speaks for its columns', async () => {
  const csv = join(ROOT, 'examples/chinook-customers.csv');
  const against = ['--against', join(ROOT, 'examples/catalog.yaml'), '--map', join(ROOT, 'examples/chinook.map.yaml')];
  const extra = await file('more.csv', 'CustomerId,Email,Passport\n1,jo@example.org,C01X00T47\n');

  const [whole, more] = await Promise.all([
    scan(csv, ...against, '--fail-on', 'suggest'),
    scan(extra, ...against, '--fail-on', 'suggest'),
  ]);

  assert.equal(whole.code, 0, whole.err);
  assert.deepEqual(
    whole.report.drifts?.filter(({ kind }) => kind !== 'absent'),
    [],
  );
  assert.equal(more.code, 1);
  assert.deepEqual(
    more.report.drifts?.filter(({ kind }) => kind === 'undeclared').map(({ column }) => column),
    ['Passport'],
  );
  assert.ok(more.report.drifts?.some(({ kind, field }) => kind === 'absent' && field === 'phone'));
});

test('detect says where and why, as it streams; a value is shown only when asked for', async () => {
  const log = Buffer.concat([
    Buffer.from('\ufefflogin jo@example.org\n'),
    Buffer.from('J\u00fcr pays 4111 1111 1111 1111\n', 'latin1'),
    Buffer.from(`${'@'.repeat(2_000_000)} \u001b[31m ida@example.org\n`),
  ]);
  const path = await file('notes.log', log);

  const [words, lines, shown, none] = await Promise.all([
    run(['detect', path, '--fail-on', 'certain']),
    run(['detect', '-', '--json', '--types', 'payment-card,email'], log.toString('latin1')),
    run(['detect', path, '--show', '--types', 'email']),
    run(['detect', path, '--types', 'shoe-size']),
  ]);

  assert.equal(words.code, 1, words.err);
  assert.match(words.out, /^1:7 .*email.*certain/m);
  assert.match(words.out, /^2:10 .*payment-card \(visa\)/m);
  assert.match(words.err, /1 lines are not UTF-8.*3 lines; 2 email, (1 person-name, )?1 payment-card/s);
  for (const { out } of [words, lines]) assert.doesNotMatch(out, /example|4111/);
  const found = lines.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; line: number; column: number });
  assert.deepEqual(found.map(({ type, line }) => [type, line]), [['email', 1], ['payment-card', 2], ['email', 3]]); // prettier-ignore
  assert.match(shown.out, /jo@example\.org/);
  assert.ok(!shown.out.includes('\u001b'));
  assert.equal(none.code, 2);
});

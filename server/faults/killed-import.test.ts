import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import {
  clientsFor,
  freePort,
  killPostgres,
  openHomes,
  postgresOf,
  randomOf,
  startProgram,
  startServer,
  until,
  type Homes,
} from './running-server.ts';
import { assertContiguous, assertLogVerifies, assertRecordsVerify, behind, valuesOf } from './soundness.ts';

let homes: Homes;
let folder: string;
before(async () => {
  homes = await openHomes();
  folder = await mkdtemp(join(tmpdir(), 'sr-killed-import-'));
});
after(async () => {
  await homes.remove();
  await rm(folder, { recursive: true, force: true });
});

const ROWS = 3000;
const isBad = (n: number): boolean => n % 40 === 7;
const lineOf = (n: number): string =>
  `k${n},"Kill, ${n}",${isBad(n) ? 'no address' : `k${n}@example.org`},2024-0${(n % 9) + 1}-01`;
const expectedRow = (n: number): Record<string, unknown> => ({
  company: `k${n}`,
  last_name: `Kill, ${n}`,
  email: `k${n}@example.org`,
  create_date: `2024-0${(n % 9) + 1}-01`,
});
const MAP = `schema: strongroom/import-map/1
collection: customer
externalId: {column: id}
columns: {copy: company, name: last_name, mail: email, since: create_date}
`;

test('an import: the server, its CLI and PostgreSQL killed on the way; run again, every row is there once and every reject is told once', async (t) => {
  const seed = Date.now() % 1_000_000;
  t.diagnostic(`seed ${seed}`);
  const random = randomOf(seed);
  const file = join(folder, 'rows.csv');
  const rows = Array.from({ length: ROWS }, (_, n) => `${n},${lineOf(n)}\n`);
  await writeFile(file, `id,copy,name,mail,since\n${rows.join('')}`);
  await writeFile(join(folder, 'map.yaml'), MAP);
  const home = await homes.next();
  const port = await freePort();
  let server = await startServer({ home, port });
  const { key } = await clientsFor(server, 'application');
  const { patient: engineer } = await clientsFor(server, 'engineer');
  const { patient: dpo } = await clientsFor(server, 'dpo');
  const count = async (): Promise<number> => (await engineer.status.get()).records;
  const importing = () =>
    startProgram(
      ['cli/main.ts', 'vault', 'import', file, '--map', join(folder, 'map.yaml'), '--batch', '25', '--concurrency', '4', '--json'],
      { env: { STRONGROOM_URL: server.url, STRONGROOM_KEY: key, STRONGROOM_HOME: home } },
    ); // prettier-ignore
  const ends: string[] = [];

  for (const victim of ['server', 'CLI', 'PostgreSQL']) {
    const before = await count();
    const program = importing();
    const moment = before + 100 + random() * 400;
    await until(`${moment} records`, async () => (await count()) >= moment || program.child.exitCode !== null);
    if (victim === 'server') {
      await server.kill();
      // the CLI tries for a while, and tells that nobody answers
      await program.ended;
      server = await startServer({ home, port });
    } else if (victim === 'CLI') await program.kill('SIGKILL');
    else await killPostgres(server);
    const { code, signal } = await program.ended;
    ends.push(`${victim} ${String(signal ?? code)}`);
    assert.doesNotMatch(program.err(), /\n\s+at /);
    // 0: it was done before it was seen how far it is
    if (victim === 'server') assert.ok(code === 5 || code === 0, program.err());
  }
  const last = importing();
  const { code } = await last.ended;

  t.diagnostic(ends.join(', '));
  assert.equal(code, 0, last.err());
  const rejected = Array.from({ length: ROWS }, (_, n) => n).filter(isBad);
  const records = new Map<string, Record<string, unknown>>();
  for await (const record of dpo.export.records({ collection: 'customer' })) {
    const values = valuesOf(record);
    assert.ok(!records.has(values.company as string), 'a row is there twice');
    records.set(values.company as string, values);
  }
  assert.equal(records.size, ROWS - rejected.length);
  for (let n = 0; n < ROWS; n += 1) if (!isBad(n)) assert.deepEqual(records.get(`k${n}`), expectedRow(n));
  const told = (await readFile(`${file}.rejects.jsonl`, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line: number; code: string });
  assert.deepEqual(
    told.map(({ line }) => line),
    rejected.map((n) => n + 2),
  );
  assert.deepEqual(new Set(told.map((each) => each.code)), new Set(['VAULT_FIELD_INVALID']));
  assert.deepEqual((await readdir(folder)).toSorted(), ['map.yaml', 'rows.csv', 'rows.csv.rejects.jsonl']);
  await behind(home, assertContiguous);
  await assertLogVerifies(server);
  await assertRecordsVerify(engineer);
  await server.kill('SIGTERM');
  assert.deepEqual(await postgresOf(home), []);
});

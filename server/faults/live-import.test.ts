import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Strongroom } from '@strongroom/sdk';

import { expectedRow, KINDS, MANY, ODD, ODD_ID, postgres, ROWS } from './live-tables.ts';
import {
  clientsFor,
  freePort,
  openHomes,
  randomOf,
  ROOT,
  startProgram,
  startServer,
  until,
  type Homes,
  type RunningProgram,
  type RunningServer,
} from './running-server.ts';
import { valuesOf } from './soundness.ts';
import { startPostgresSource, type SourceDatabase } from './source-database.ts';

let homes: Homes;
let folder: string;
before(async () => {
  homes = await openHomes();
  folder = await mkdtemp(join(tmpdir(), 'sr-live-'));
});
after(async () => {
  await homes.remove();
  await rm(folder, { recursive: true, force: true });
});

type Place = {
  server: RunningServer;
  key: string;
  application: Strongroom;
  dpo: Strongroom;
  count: () => Promise<number>;
};

async function newPlace(): Promise<Place> {
  const server = await startServer({ home: await homes.next(), port: await freePort() });
  const { key, patient: application } = await clientsFor(server, 'application');
  const { patient: dpo } = await clientsFor(server, 'dpo');
  const { patient: engineer } = await clientsFor(server, 'engineer');
  return { server, key, application, dpo, count: async () => (await engineer.status.get()).records };
}

/** `strongroom vault import …`, as an operator types it. */
function importing({ server, key }: Place, url: string, map: string, ...more: string[]): RunningProgram {
  const args = ['cli/main.ts', 'vault', 'import', url, '--map', map, '--json', '--rejects', `${map}.rejects`, ...more];
  return startProgram(args, { env: { STRONGROOM_URL: server.url, STRONGROOM_KEY: key, STRONGROOM_HOME: server.home } });
}

async function imported(place: Place, url: string, map: string, ...more: string[]): Promise<Record<string, number>> {
  const program = importing(place, url, map, ...more);
  const { code } = await program.ended;
  assert.equal(code, 0, program.err());
  return JSON.parse(program.out()) as Record<string, number>;
}

async function mapOf(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `schema: strongroom/import-map/1\ncollection: customer\n${text}`);
  return path;
}

async function stored(place: Place): Promise<Record<string, unknown>[]> {
  const records: Record<string, unknown>[] = [];
  for await (const record of place.dpo.export.records({ collection: 'customer' })) records.push(valuesOf(record));
  return records;
}

/** All records by the field that holds the source's own id, each once. */
async function storedBy(place: Place, idField: string): Promise<Map<string, Record<string, unknown>>> {
  const records = await stored(place);
  const found = new Map(records.map((record) => [String(record[idField]), record]));
  assert.equal(found.size, records.length, 'one record a row');
  return found;
}

for (const kind of KINDS) {
  const skip = kind.missing;
  // one server and one source for all tests of a kind, which follow one another
  const held: { place?: Place; source?: SourceDatabase } = {};
  const opened = async (): Promise<{ place: Place; source: SourceDatabase }> => {
    const place = (held.place ??= await newPlace());
    const source = (held.source ??= await kind.open());
    return { place, source };
  };
  after(() => Promise.all([held.place?.server.kill('SIGTERM'), held.source?.remove()]));

  test(
    `live ${kind.name}: an import that is cut off says so, and run again has every row once`,
    { skip },
    async (t) => {
      const seed = Date.now() % 1_000_000;
      t.diagnostic(`seed ${seed}`);
      const { place, source } = await opened();
      await source.ask(kind.fill);
      const map = await mapOf(`${kind.name}.yaml`, MANY.replace('TABLE', kind.table));

      const first = importing(place, source.url, map, '--batch', '50', '--concurrency', '2');
      const moment = 100 + (randomOf(seed)() * ROWS) / 2;
      await until(`${moment} rows`, async () => (await place.count()) > moment);
      await source.kill();
      const { code } = await first.ended;
      const partly = await place.count();
      await source.start();
      const second = await imported(place, source.url, map);

      assert.equal(code, 1, first.err());
      assert.match(first.err(), /the source broke off after \d+ rows/);
      assert.doesNotMatch(first.err(), /\n\s+at /);
      assert.ok(partly >= moment && partly < ROWS, `${partly} of ${ROWS}`);
      assert.deepEqual([second.created, second.skipped, second.rejected], [ROWS - partly, partly, 0]);
      const rows = await storedBy(place, 'postal_code');
      assert.equal(rows.size, ROWS);
      for (let n = 1; n <= ROWS; n += 1) assert.deepEqual(rows.get(`c${n}`), expectedRow(n, 'start'));
    },
  );

  test(`live ${kind.name}: rows that were changed since come with update, and no others change`, { skip }, async () => {
    const { place, source } = await opened();
    const map = await mapOf(`${kind.name}-part.yaml`, MANY.replace('TABLE', kind.table));
    await source.ask(`delete from many where id > 400; update many set town = 'moved' where id <= 300;`);

    const { created, updated, rejected } = await imported(place, source.url, map, '--on-duplicate', 'update');

    assert.deepEqual([created, updated, rejected], [0, 400, 0]);
    const changed = await storedBy(place, 'postal_code');
    for (let n = 1; n <= ROWS; n += 1)
      assert.deepEqual(changed.get(`c${n}`), expectedRow(n, n <= 300 ? 'moved' : 'start'));
  });

  test(`live ${kind.name}: all rows are of one moment, also while the table is rewritten`, { skip }, async () => {
    const { place, source } = await opened();
    const text = MANY.replace('TABLE', kind.table).replace('many:', 'moment:');
    const map = await mapOf(`${kind.name}-moment.yaml`, text);

    const program = importing(place, source.url, map, '--batch', '20', '--concurrency', '1');
    let moves = 0;
    while (program.child.exitCode === null) {
      await source.ask(kind.move(`town ${(moves += 1)}`));
      await sleep(20);
    }

    assert.equal((await program.ended).code, 0, program.err());
    assert.ok(moves > 3, `${moves} rewrites: the test proves nothing`);
    const { created } = JSON.parse(program.out()) as { created: number };
    // those of the tests before are still at the start, or moved
    const towns = new Set((await stored(place)).map((row) => String(row.city)));
    const moment = [...towns].filter((town) => town.startsWith('town'));
    assert.deepEqual([created, moment.length <= 1], [400, true], moment.join());
  });

  test(
    `live ${kind.name}: odd types arrive as written; bytes, and a table that is not there, are refused`,
    { skip },
    async () => {
      const { place, source } = await opened();
      await source.ask(kind.odd.make);
      const odd = await mapOf(`${kind.name}-odd.yaml`, `${ODD}\ntable: ${kind.odd.table}`);

      const summary = await imported(place, source.url, odd);

      assert.deepEqual([summary.created, summary.rejected], [1, 2]);
      const rejects = (await readFile(`${odd}.rejects`, 'utf8')).trim().split('\n');
      for (const line of rejects) assert.match(line, /"code":"VAULT_FIELD_INVALID","because":"create_date must /);
      const { recordId } = await place.application.subjects.find({ collection: 'customer', externalId: ODD_ID });
      assert.deepEqual(valuesOf(await place.dpo.records.get(recordId)), { last_name: 'ab', ...kind.odd.expected });

      const withBytes = MANY.replace('TABLE', kind.table)
        .replace('good:', 'secret: address, good:')
        .replace('[secret]', '[]');
      const refused = importing(place, source.url, await mapOf(`${kind.name}-bytes.yaml`, withBytes));
      assert.equal((await refused.ended).code, 2);
      assert.match(refused.err(), /column secret holds bytes/);
      const nowhere = importing(place, source.url, odd, '--table', 'nowhere');
      assert.equal((await nowhere.ended).code, 1);
      assert.match(nowhere.err(), /the source cannot be read: .*nowhere/);
    },
  );
}

test(
  'live PostgreSQL: northwind as it was published, each customer as it stands in the table',
  { skip: KINDS[0]?.missing },
  async (t) => {
    const place = await newPlace();
    t.after(() => place.server.kill('SIGTERM'));
    const source = await startPostgresSource(postgres as string);
    t.after(() => source.remove());
    await source.ask(await readFile(join(ROOT, 'examples/northwind-postgresql.sql'), 'utf8'));
    const text = await source.ask(
      `select company_name, contact_name, contact_title, address, city, region, postal_code, country, phone, fax from customers`,
    );

    const map = join(ROOT, 'examples/northwind.map.yaml');
    const summary = await imported(place, source.url, map, '--rejects', join(folder, 'nw.rejects'));

    const rows = text
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    assert.deepEqual([summary.created, summary.rejected], [rows.length, 0]);
    const all = await storedBy(place, 'company');
    const fields = 'company last_name job_title address city state postal_code country phone fax'.split(' ');
    for (const cells of rows) {
      const expected = cells.flatMap((cell, i) => (cell === '' ? [] : [[fields[i] as string, cell] as const]));
      assert.deepEqual(all.get(cells[0] as string), Object.fromEntries(expected));
    }
  },
);

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Strongroom } from '@strongroom/sdk';

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
import {
  mariadbPrograms,
  postgresPrograms,
  startMariadbSource,
  startPostgresSource,
  type SourceDatabase,
} from './source-database.ts';

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

/** Wide rows, so that what lies in buffers between the databases is a small part of the table. */
const ROWS = 2000;
const WIDE = 3500;
const MANY = `externalId: {column: id, prefix: "many:"}
columns: {code: postal_code, wide: job_title, name: last_name, mail: email, town: city, since: create_date, good: active}
ignore: [secret]
table: TABLE`;
const ODD_ID = '00000000-0000-0000-0000-00000000000a';
const ODD = `externalId: {column: id}
columns: {blank: last_name, big: first_name, exact: company, at: city, local: state, doc: address, list: postal_code, span: care_notes, ratio: country, nothing: phone, day: create_date}`;
const expectedRow = (n: number, town: string): Record<string, unknown> => ({
  postal_code: `c${n}`,
  job_title: String(n % 10).repeat(WIDE),
  last_name: `Nämé ${n} 😀`,
  email: `p${n}@example.org`,
  city: town,
  create_date: `20${String(10 + (n % 15))}-0${(n % 9) + 1}-1${n % 10}`,
  active: n % 2 === 0,
});

type Kind = Readonly<{
  name: string;
  open: () => Promise<SourceDatabase>;
  missing: string | false;
  /** Makes the table `many` with ROWS rows, town `start`. */
  fill: string;
  table: string;
  /** Every row's town in one transaction. */
  move: (town: string) => string;
  odd: Readonly<{
    table: string;
    make: string;
    expected: Record<string, unknown>;
  }>;
}>;

const postgres = postgresPrograms();
const mariadb = mariadbPrograms();

const KINDS: readonly Kind[] = [
  {
    name: 'PostgreSQL',
    missing: postgres === null ? 'no PostgreSQL of the system below /usr/lib/postgresql' : false,
    open: () => startPostgresSource(postgres as string),
    table: 'public.many',
    fill: `create table many (id bigint primary key, code text, wide text, name text, mail text, town text, since date, good boolean, secret bytea);
      insert into many select n, 'c' || n, repeat((n % 10)::text, ${WIDE}), 'Nämé ' || n || ' 😀', 'p' || n || '@example.org', 'start',
        make_date(2010 + n % 15, n % 9 + 1, 10 + n % 10), n % 2 = 0, '\\x00ff' from generate_series(1, ${ROWS}) n;`,
    move: (town) => `update many set town = '${town}'`,
    odd: {
      table: 'odd.things',
      make: `create schema odd; create table odd.things (id uuid primary key, big bigint, exact numeric, at timestamptz, local timestamp, doc jsonb, list int[], span interval, ratio float8, nothing text, blank char(4), day date);
        insert into odd.things values
          ('00000000-0000-0000-0000-00000000000a', 9223372036854775807, 12345678901234567890.123456789, '2024-02-29 12:00:00+05:30', '1999-12-31 23:59:59.123456', '{"a": 12345678901234567890, "b": "é"}', '{1,2}', '1 year 2 days', 0.1, null, 'ab', '2024-02-29'),
          ('00000000-0000-0000-0000-00000000000b', -1, 0.10, '0044-03-15 00:00:00 BC', null, '[]', '{}', null, 'NaN', null, 'ab', '0044-03-15 BC'),
          ('00000000-0000-0000-0000-00000000000c', null, null, null, null, null, null, null, null, null, 'ab', 'infinity');`,
      expected: {
        first_name: '9223372036854775807', company: '12345678901234567890.123456789', city: '2024-02-29 06:30:00+00', state: '1999-12-31 23:59:59.123456',
        address: '{"a": 12345678901234567890, "b": "é"}', postal_code: '{1,2}', care_notes: 'P1Y2D', country: '0.1', create_date: '2024-02-29',
      }, // prettier-ignore
    },
  },
  {
    name: 'MariaDB',
    missing: mariadb === null ? 'no MariaDB of the system' : false,
    open: async () => startMariadbSource(mariadb as NonNullable<typeof mariadb>, await freePort()),
    table: 'many',
    fill: `create table many (id bigint primary key, code varchar(20), wide text, name varchar(40), mail varchar(60), town varchar(40), since date, good tinyint(1), secret varbinary(9)) engine=innodb;
      insert into many select seq, concat('c', seq), repeat(seq % 10, ${WIDE}), concat('Nämé ', seq, ' 😀'), concat('p', seq, '@example.org'), 'start',
        makedate(2010 + seq % 15, 1) + interval (seq % 9) month + interval (9 + seq % 10) day, seq % 2 = 0, x'00ff' from seq_1_to_${ROWS};`,
    move: (town) => `update many set town = '${town}'`,
    odd: {
      table: 'things',
      make: `create table things (id char(36) primary key, big bigint unsigned, exact decimal(40,9), at timestamp null, local datetime(6), doc json, list set('a','b'), span time, ratio double, nothing text, blank char(4), day date);
        set time_zone = '+05:30';
        insert into things values
          ('00000000-0000-0000-0000-00000000000a', 18446744073709551615, 12345678901234567890.123456789, '2024-02-29 12:00:00', '1999-12-31 23:59:59.123456', '{"a": 12345678901234567890, "b": "é"}', 'a,b', '-838:59:59', 0.1, null, 'ab', '2024-02-29'),
          ('00000000-0000-0000-0000-00000000000b', 0, 0.1, null, null, '[]', '', null, 1e300, null, 'ab', '0000-00-00'),
          ('00000000-0000-0000-0000-00000000000c', null, null, null, null, null, null, null, null, null, 'ab', '2023-02-31');`,
      expected: {
        first_name: '18446744073709551615', company: '12345678901234567890.123456789', city: '2024-02-29 06:30:00', state: '1999-12-31 23:59:59.123456',
        address: '{"a": 12345678901234567890, "b": "é"}', postal_code: 'a,b', care_notes: '-838:59:59', country: '0.1', create_date: '2024-02-29',
      }, // prettier-ignore
    },
  },
];

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

import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
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

async function newPlace(t: TestContext): Promise<Place> {
  const server = await startServer({ home: await homes.next(), port: await freePort() });
  t.after(() => server.kill('SIGTERM'));
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

/** All records by the field that holds the source's own id. */
async function stored(place: Place, idField: string): Promise<Map<string, Record<string, unknown>>> {
  const text = await new Response((await place.dpo.export.jsonl({ collection: 'customer' })) as never).text();
  const records = text
    .trim()
    .split('\n')
    .map((line) => valuesOf(JSON.parse(line) as never));
  const found = new Map(records.map((record) => [String(record[idField]), record]));
  assert.equal(found.size, records.length, 'one record a row');
  return found;
}

const ROWS = 4000;
const MANY = `externalId: {column: id, prefix: "many:"}
columns: {code: job_title, name: last_name, mail: email, town: city, since: create_date, good: active}
ignore: [secret]
table: TABLE`;
const expectedRow = (n: number, town: string): Record<string, unknown> => ({
  job_title: `c${n}`,
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
    expected: Record<string, Record<string, unknown>>;
    rejected: readonly string[];
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
    fill: `create table many (id bigint primary key, code text, name text, mail text, town text, since date, good boolean, secret bytea);
      insert into many select n, 'c' || n, 'Nämé ' || n || ' 😀', 'p' || n || '@example.org', 'start',
        make_date(2010 + n % 15, n % 9 + 1, 10 + n % 10), n % 2 = 0, '\\x00ff' from generate_series(1, ${ROWS}) n;`,
    move: (town) => `update many set town = '${town}'`,
    odd: {
      table: 'odd.things',
      make: `create schema odd; create table odd.things (id uuid primary key, big bigint, exact numeric, at timestamptz, local timestamp, doc jsonb, list int[], span interval, ratio float8, nothing text, blank char(4), day date);
        insert into odd.things values
          ('00000000-0000-0000-0000-00000000000a', 9223372036854775807, 12345678901234567890.123456789, '2024-02-29 12:00:00+05:30', '1999-12-31 23:59:59.123456', '{"a": 12345678901234567890, "b": "é"}', '{1,2}', '1 year 2 days', 0.1, null, 'ab', '2024-02-29'),
          ('00000000-0000-0000-0000-00000000000b', -1, 0.10, '0044-03-15 00:00:00 BC', null, '[]', '{}', null, 'NaN', null, null, '0044-03-15 BC'),
          ('00000000-0000-0000-0000-00000000000c', null, null, null, null, null, null, null, null, null, null, 'infinity');`,
      expected: {
        '00000000-0000-0000-0000-00000000000a': {
          first_name: '9223372036854775807', company: '12345678901234567890.123456789', city: '2024-02-29 06:30:00+00', state: '1999-12-31 23:59:59.123456',
          address: '{"a": 12345678901234567890, "b": "é"}', postal_code: '{1,2}', care_notes: 'P1Y2D', country: '0.1', create_date: '2024-02-29',
        },
      }, // prettier-ignore
      rejected: ['VAULT_FIELD_INVALID', 'VAULT_FIELD_INVALID'],
    },
  },
  {
    name: 'MariaDB',
    missing: mariadb === null ? 'no MariaDB of the system' : false,
    open: async () => startMariadbSource(mariadb as NonNullable<typeof mariadb>, await freePort()),
    table: 'many',
    fill: `create table many (id bigint primary key, code varchar(20), name varchar(40), mail varchar(60), town varchar(40), since date, good tinyint(1), secret varbinary(9)) engine=innodb;
      insert into many select seq, concat('c', seq), concat('Nämé ', seq, ' 😀'), concat('p', seq, '@example.org'), 'start',
        makedate(2010 + seq % 15, 1) + interval (seq % 9) month + interval (9 + seq % 10) day, seq % 2 = 0, x'00ff' from seq_1_to_${ROWS};`,
    move: (town) => `update many set town = '${town}'`,
    odd: {
      table: 'things',
      make: `create table things (id char(36) primary key, big bigint unsigned, exact decimal(40,9), at timestamp null, local datetime(6), doc json, list set('a','b'), span time, ratio double, nothing text, blank char(4), day date);
        set time_zone = '+05:30';
        insert into things values
          ('00000000-0000-0000-0000-00000000000a', 18446744073709551615, 12345678901234567890.123456789, '2024-02-29 12:00:00', '1999-12-31 23:59:59.123456', '{"a": 12345678901234567890, "b": "é"}', 'a,b', '-838:59:59', 0.1, null, 'ab', '2024-02-29'),
          ('00000000-0000-0000-0000-00000000000b', 0, 0.1, null, null, '[]', '', null, 1e300, null, null, '0000-00-00'),
          ('00000000-0000-0000-0000-00000000000c', null, null, null, null, null, null, null, null, null, null, '2023-02-31');`,
      expected: {
        '00000000-0000-0000-0000-00000000000a': {
          first_name: '18446744073709551615', company: '12345678901234567890.123456789', city: '2024-02-29 06:30:00', state: '1999-12-31 23:59:59.123456',
          address: '{"a": 12345678901234567890, "b": "é"}', postal_code: 'a,b', care_notes: '-838:59:59', country: '0.1', create_date: '2024-02-29',
        },
      }, // prettier-ignore
      // MariaDB itself makes a zero date of a day that does not exist
      rejected: ['VAULT_FIELD_INVALID', 'VAULT_FIELD_INVALID'],
    },
  },
];

for (const kind of KINDS) {
  const skip = kind.missing;
  test(
    `live ${kind.name}: cut off in the middle it says so; run again every row is there once; changes come with update`,
    { skip },
    async (t) => {
      const seed = Date.now() % 1_000_000;
      t.diagnostic(`seed ${seed}`);
      const random = randomOf(seed);
      const place = await newPlace(t);
      const source = await kind.open();
      t.after(() => source.remove());
      await source.ask(kind.fill);
      const map = await mapOf(`${kind.name}.yaml`, MANY.replace('TABLE', kind.table));

      const first = importing(place, source.url, map, '--batch', '50', '--concurrency', '2');
      const moment = 200 + random() * (ROWS / 2);
      await until(`${moment} rows`, async () => (await place.count()) > moment);
      await source.kill();
      const { code } = await first.ended;
      const partly = await place.count();
      await source.start();
      const second = await imported(place, source.url, map);

      assert.equal(code, 1);
      assert.match(first.err(), /the source broke off after \d+ rows/);
      assert.doesNotMatch(first.err(), /\n\s+at /);
      assert.ok(partly >= moment && partly < ROWS, `${partly} of ${ROWS}`);
      assert.deepEqual([second.created, second.skipped, second.rejected], [ROWS - partly, partly, 0]);
      const rows = await stored(place, 'job_title');
      assert.equal(rows.size, ROWS);
      for (let n = 1; n <= ROWS; n += 1) assert.deepEqual(rows.get(`c${n}`), expectedRow(n, 'start'));

      await source.ask(`update many set town = 'moved' where id <= 300; delete from many where id > 3900;`);
      const third = await imported(place, source.url, map, '--on-duplicate', 'update');
      const changed = await stored(place, 'job_title');

      assert.deepEqual([third.created, third.updated, third.rejected], [0, 3900, 0]);
      for (let n = 1; n <= ROWS; n += 1)
        assert.deepEqual(changed.get(`c${n}`), expectedRow(n, n <= 300 ? 'moved' : 'start'));
    },
  );

  test(
    `live ${kind.name}: all rows are of one moment, also while the table is rewritten; odd types arrive as written`,
    { skip },
    async (t) => {
      const place = await newPlace(t);
      const source = await kind.open();
      t.after(() => source.remove());
      await source.ask(kind.fill);
      const map = await mapOf(`${kind.name}-moment.yaml`, MANY.replace('TABLE', kind.table));

      const program = importing(place, source.url, map, '--batch', '100', '--concurrency', '1');
      let moves = 0;
      while (program.child.exitCode === null) {
        await source.ask(kind.move(`town ${(moves += 1)}`));
        await sleep(20);
      }
      assert.equal((await program.ended).code, 0, program.err());
      const towns = new Set([...(await stored(place, 'job_title')).values()].map((row) => row.city));
      assert.ok(moves > 3, `${moves} rewrites: the test proves nothing`);
      assert.equal(towns.size, 1, [...towns].join());

      await source.ask(kind.odd.make);
      const odd = await mapOf(
        `${kind.name}-odd.yaml`,
        `externalId: {column: id}\ncolumns: {blank: last_name, big: first_name, exact: company, at: city, local: state, doc: address, list: postal_code, span: care_notes, ratio: country, nothing: phone, day: create_date}\ntable: ${kind.odd.table}`,
      );
      const summary = await imported(place, source.url, odd);
      assert.deepEqual([summary.created, summary.rejected], [1, 2]);
      const rejects = (await readFile(`${odd}.rejects`, 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { code: string });
      for (const [id, expected] of Object.entries(kind.odd.expected)) {
        const found = await place.application.subjects.find({ collection: 'customer', externalId: id });
        const read = await place.dpo.records.get(found.recordId);
        assert.deepEqual(valuesOf(read), { last_name: 'ab', ...expected });
      }
      assert.equal(rejects.length, 2);

      const bytes = await mapOf(
        `${kind.name}-bytes.yaml`,
        MANY.replace('TABLE', kind.table)
          .replace('good: active', 'good: active, secret: address')
          .replace('[secret]', '[]'),
      );
      const refused = importing(place, source.url, bytes);
      assert.equal((await refused.ended).code, 2);
      assert.match(refused.err(), /column secret holds bytes/);
      const nowhere = importing(place, source.url, map, '--table', 'nowhere');
      assert.equal((await nowhere.ended).code, 1);
      assert.match(nowhere.err(), /the source cannot be read: .*nowhere/);
    },
  );
}

test(
  'live PostgreSQL: northwind as it was published, each customer as it stands in the table',
  { skip: KINDS[0]?.missing },
  async (t) => {
    const place = await newPlace(t);
    const source = await startPostgresSource(postgres as string);
    t.after(() => source.remove());
    await source.ask(await readFile(join(ROOT, 'examples/northwind-postgresql.sql'), 'utf8'));
    const text = await source.ask(
      `select customer_id, company_name, contact_name, contact_title, address, city, region, postal_code, country, phone, fax from customers`,
    );

    const summary = await imported(
      place,
      source.url,
      join(ROOT, 'examples/northwind.map.yaml'),
      '--rejects',
      join(folder, 'nw.rejects'),
    );

    const rows = text
      .trim()
      .split('\n')
      .map((line) => line.split('\t'));
    assert.deepEqual([summary.created, summary.rejected], [rows.length, 0]);
    const fields = [
      'company',
      'last_name',
      'job_title',
      'address',
      'city',
      'state',
      'postal_code',
      'country',
      'phone',
      'fax',
    ];
    const all = await stored(place, 'company');
    for (const [, ...cells] of rows) {
      const expected = Object.fromEntries(cells.flatMap((cell, i) => (cell === '' ? [] : [[fields[i], cell]])));
      assert.deepEqual(all.get(cells[0] as string), expected);
    }
  },
);

/** Scans of live databases as their own clients fill them: the account's rights, bytes that are no text, a server that dies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { freePort, startProgram, type RunningProgram } from './running-server.ts';
import { mariadbPrograms, postgresPrograms, startMariadbSource, startPostgresSource } from './source-database.ts';

type Report = {
  tables: { name: string; sampled: number; columns: { name: string; type: string | null }[] }[];
  missing: { name: string; because: string }[];
  warnings: string[];
};
const scanning = (url: string): RunningProgram =>
  startProgram(['server/main.ts', 'collection', 'scan', url, '--json'], {});
const typeOf = ({ tables }: Report, table: string, column: string): string | null | undefined =>
  tables.find(({ name }) => name.endsWith(table))?.columns.find(({ name }) => name === column)?.type;

const mariadb = mariadbPrograms();
test(
  'MariaDB is scanned by ranges of its key, bytes and JSON as well',
  { skip: mariadb === null ? 'no MariaDB here' : false },
  async (t) => {
    const source = await startMariadbSource(mariadb as NonNullable<typeof mariadb>, await freePort());
    t.after(source.remove);
    await source.ask(`
    create table customer (id int primary key, email varchar(100), raw blob, profile json, flag bit(1), place point);
    insert into customer select seq * 7, concat('p', seq, '@example.org'),
      if(seq % 2, cast(convert(concat('mü', seq, '@example.org') using latin1) as binary), cast(concat('mü', seq, '@example.org') as binary)),
      json_object('contact', json_object('mail', concat('q', seq, '@example.net'))), 1, point(1, 2) from seq_1_to_5000;
    analyze table customer; create view mail as select email from customer;`);

    const program = scanning(source.url);
    const { code } = await program.ended;

    assert.equal(code, 0, program.err() + program.out().slice(0, 500));
    const report = JSON.parse(program.out()) as Report;
    for (const [table, column] of [
      ['customer', 'email'],
      ['customer', 'raw'],
      ['customer', 'profile $.contact.mail'],
      ['mail', 'email'],
    ] as const)
      assert.equal(typeOf(report, `.${table}`, column), 'email', `${table}.${column}`);
    assert.match(report.warnings.join(' '), /may write/);
    assert.ok(!program.out().includes('@example'));
  },
);

const postgres = postgresPrograms();
test(
  'a PostgreSQL that dies during a scan leaves a report that says what is missing',
  { skip: postgres === null ? 'no PostgreSQL here' : false },
  async (t) => {
    const source = await startPostgresSource(postgres as string);
    t.after(source.remove);
    await source.ask(`
    create table a (email text); insert into a values ('x@example.org');
    create view b as select pg_sleep(20)::text as s; create table c (email text); insert into c values ('y@example.org');
    create role reader login; grant select on all tables in schema public to reader; revoke create on schema public from public;`);

    const program = scanning(source.url.replace('shop@', 'reader@'));
    for (let asleep = ''; asleep.trim() !== '1';)
      asleep = await source.ask(
        "select count(*) from pg_stat_activity where usename = 'reader' and wait_event = 'PgSleep'",
      );
    await source.kill();
    const { code } = await program.ended;

    assert.equal(code, 1);
    const report = JSON.parse(program.out()) as Report;
    assert.equal(typeOf(report, '.a', 'email'), 'email');
    assert.deepEqual(
      report.missing.map(({ name }) => name),
      ['public.b', 'public.c'],
    );
    assert.match(report.missing[1]?.because ?? '', /connection was lost/);
    assert.deepEqual(report.warnings, []);
  },
);

/** The tables that a live import reads: as each database makes them, as they are mapped, and as a row must arrive. */
import { freePort } from './running-server.ts';
import {
  mariadbPrograms,
  postgresPrograms,
  startMariadbSource,
  startPostgresSource,
  type SourceDatabase,
} from './source-database.ts';

/** Wide rows, so that what lies in buffers between the databases is a small part of the table. */
export const ROWS = 2000;
const WIDE = 3500;
export const MANY = `externalId: {column: id, prefix: "many:"}
columns: {code: postal_code, wide: job_title, name: last_name, mail: email, town: city, since: create_date, good: active}
ignore: [secret]
table: TABLE`;
export const ODD_ID = '00000000-0000-0000-0000-00000000000a';
export const ODD = `externalId: {column: id}
columns: {blank: last_name, big: first_name, exact: company, at: city, local: state, doc: address, list: postal_code, span: care_notes, ratio: country, nothing: phone, day: create_date}`;
export const expectedRow = (n: number, town: string): Record<string, unknown> => ({
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

export const postgres = postgresPrograms();
const mariadb = mariadbPrograms();

export const KINDS: readonly Kind[] = [
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

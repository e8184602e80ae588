/** The same people in clear: what a table without protection costs in the same PostgreSQL. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';

import { openDb, type Db } from '#platform/db';

import { FIELDS, SEARCHABLE } from './people.ts';

export type Clear = {
  db: Db;
  url: string;
  /** COPY of a CSV file with a header. */
  copy: (path: string) => Promise<void>;
  /** The same rows out of the clear table, each field sealed by pgcrypto. */
  pgcrypto: (from: string, limit: number) => Promise<number>;
  hasPgcrypto: () => Promise<string | null>;
  close: () => Promise<void>;
};

export async function openClear(url: string): Promise<Clear> {
  const db = openDb(url, { connections: 4, statementTimeoutMs: 0 });
  const columns = FIELDS.map((field) => `${field} text`).join(', ');
  await db.unsafe(`create table customer (customer_id text not null, ${columns})`);
  for (const field of SEARCHABLE) await db.unsafe(`create index customer_${field} on customer (${field})`);
  await db.unsafe(
    `create table pgcrypto_customer (customer_id text not null, ${FIELDS.map((field) => `${field} bytea`).join(', ')})`,
  );
  const sealed = FIELDS.map((field) => `pgp_sym_encrypt(${field}, $1, 'cipher-algo=aes256')`).join(', ');
  return {
    db,
    url,
    copy: async (path) => {
      const into = await db`copy customer from stdin (format csv, header)`.writable();
      await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), into);
    },
    hasPgcrypto: async () => {
      try {
        await db`create extension if not exists pgcrypto`;
        return null;
      } catch (thrown) {
        return (thrown as Error).message;
      }
    },
    pgcrypto: async (from, limit) => {
      const put = await db.unsafe(
        `insert into pgcrypto_customer select customer_id, ${sealed} from customer offset $2 limit $3`,
        ['a passphrase of the benchmark', from, limit],
      );
      return put.count;
    },
    close: () => db.end({ timeout: 5 }),
  };
}

/** The same people in clear: what a table without protection costs in the same PostgreSQL. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

import { openDb, type Db } from '#platform/db';

import { FIELDS, SEARCHABLE } from './people.ts';

export type Clear = Readonly<{
  db: Db;
  url: string;
  /** COPY of a CSV file with a header. */
  copy: (path: string) => Promise<void>;
  /** Seals `limit` rows of the clear table by pgcrypto, from row `from` on. @returns how many */
  pgcrypto: (from: number, limit: number) => Promise<number>;
  /** @returns why pgcrypto cannot be used here, or null */
  withoutPgcrypto: () => Promise<string | null>;
}>;

/** Three b-trees and no more: not even a primary key, which any real table would have. */
export async function openClear(url: string): Promise<Clear> {
  const db = openDb(url, { connections: 4, statementTimeoutMs: 0 });
  await db.unsafe(
    `create table customer (customer_id text not null, ${FIELDS.map((field) => `${field} text`).join(', ')})`,
  );
  for (const field of SEARCHABLE) await db.unsafe(`create index customer_${field} on customer (${field})`);
  await db.unsafe(
    `create table sealed_customer (customer_id text, ${FIELDS.map((field) => `${field} bytea`).join(', ')})`,
  );
  const sealed = FIELDS.map((field) => `pgp_sym_encrypt(${field}, $1, 'cipher-algo=aes256')`).join(', ');
  return {
    db,
    url,
    copy: async (path) => {
      const into = await db`copy customer from stdin (format csv, header)`.writable();
      await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), into);
    },
    withoutPgcrypto: async () => {
      try {
        await db`create extension if not exists pgcrypto`;
        return null;
      } catch (thrown) {
        return (thrown as Error).message;
      }
    },
    pgcrypto: async (from, limit) => {
      const put = await db.unsafe(
        `insert into sealed_customer select customer_id, ${sealed} from customer offset $2 limit $3`,
        ['a passphrase of the benchmark', from, limit],
      );
      return put.count;
    },
  };
}

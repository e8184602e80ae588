/**
 * The one pool of connections of a process. Every statement of the product runs through a `Db`.
 */
import type Postgres from 'postgres';

import { askAnew } from './ask-anew.ts';
import { postgres } from './driver.ts';
import { dbFailure } from './failures.ts';
import { endsSilentSessions } from './silence.ts';
import { askStaleAnew } from './stale-plans.ts';

type Types = { bigint: bigint };

/** int8 is read as bigint, bytea as Buffer, timestamptz as Date. */
export type Db = Postgres.Sql<Types>;
/** Inside `transact`. */
export type Tx = Postgres.TransactionSql<Types>;
/** What a statement needs: the pool or a transaction. */
export type Statements = Postgres.ISql<Types>;

/** Where a server is: a `postgres://` URL, or the socket of the embedded one. */
export type DbAddress =
  | string
  | Readonly<{ socketFolder: string; port: number; user: string; password: string; database: string }>;

export type DbOptions = Readonly<{
  /** Connections, opened when needed. */
  connections?: number;
  applicationName?: string;
  /** Longest time of one statement; 0 = no limit. */
  statementTimeoutMs?: number;
  /** Longest time a transaction may sit without a statement. */
  idleInTransactionMs?: number;
  /** A connection without work is closed after this time; 0 = kept. */
  idleMs?: number;
  connectTimeoutMs?: number;
  /** A session without an answer as long as this is doubted; on the machine itself none is. */
  silentMs?: number | undefined;
}>;

/** Longest pause between two attempts to connect. */
const RECONNECT_SECONDS = 0.5;

/** Opens no connection yet: the first statement does. Statements are prepared and pipelined. */
export function openDb(address: DbAddress, options: DbOptions = {}): Db {
  const {
    connections = 10,
    applicationName = 'strongroom',
    statementTimeoutMs = 30_000,
    idleInTransactionMs = 60_000,
    idleMs = 0,
    connectTimeoutMs = 10_000,
  } = options;
  const place = typeof address === 'string' ? readAddress(address) : address;
  const shared = {
    max: connections,
    prepare: true,
    idle_timeout: idleMs === 0 ? undefined : Math.max(1, Math.round(idleMs / 1000)),
    connect_timeout: Math.max(1, Math.round(connectTimeoutMs / 1000)),
    types: { bigint: postgres.BigInt },
    onnotice: () => {},
    // seconds; the driver's own grow to 20, which a database that is back would be kept waiting for
    backoff: (failures: number) => Math.min(RECONNECT_SECONDS, 0.02 * 2 ** failures) * (0.5 + Math.random() / 2),
    connection: {
      application_name: applicationName,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: idleInTransactionMs,
      // a value quoted in an error's DETAIL must not depend on the server's locale to be recognised
      TimeZone: 'UTC',
    },
  } satisfies Postgres.Options<{ bigint: Postgres.PostgresType<bigint> }>;
  const db =
    typeof place === 'string'
      ? postgres(place, {
          ...shared,
          onsocket: endsSilentSessions(() => askAnew(place, shared), options.silentMs),
        } as typeof shared)
      : postgres({
          ...shared,
          host: place.socketFolder,
          port: place.port,
          user: place.user,
          password: place.password,
          database: place.database,
        });
  askStaleAnew(db);
  return db;
}

/** libpq's URL for a socket: `postgres://user:password@/database?host=/folder&port=5432` */
export function socketUrl(at: Exclude<DbAddress, string>): string {
  const [user, password, database] = [at.user, at.password, at.database].map(encodeURIComponent);
  return `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(at.socketFolder)}&port=${at.port}`;
}

/** The same address with another database. */
export function addressOf(address: DbAddress, database: string): DbAddress {
  if (typeof address !== 'string') return { ...address, database };
  const url = new URL(address);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}

/** The same address as somebody else, as a URL. */
export function addressAs(
  address: DbAddress,
  { user, password }: Readonly<{ user: string; password: string }>,
): string {
  if (typeof address !== 'string') return socketUrl({ ...address, user, password });
  const url = new URL(address);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  return url.href;
}

/** postgres.js does not know libpq's `?host=/folder`, so that form is taken apart here. */
function readAddress(text: string): DbAddress {
  const url = new URL(text);
  const socketFolder = url.searchParams.get('host');
  if (socketFolder === null || !socketFolder.startsWith('/')) return text;
  return {
    socketFolder,
    port: Number(url.searchParams.get('port') ?? (url.port || 5432)),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
  };
}

/**
 * @returns the major version, 15 to 18
 * @throws DB_VERSION, DB_UNREACHABLE
 */
export async function checkVersion(db: Statements): Promise<number> {
  let version: number;
  try {
    const [row] = await db<{ version: number }[]>`select current_setting('server_version_num')::int as version`;
    version = row?.version ?? 0;
  } catch (cause) {
    throw dbFailure('UNREACHABLE', { cause });
  }
  return supportedMajor(version);
}

/** @param version as in server_version_num: 150004 is 15.4 */
export function supportedMajor(version: number): number {
  const major = Math.floor(version / 10_000);
  if (major >= 15 && major <= 18) return major;
  throw dbFailure('VERSION', { detail: `this is PostgreSQL ${major}, supported are 15 to 18` });
}

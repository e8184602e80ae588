/** Databases that were migrated once, to be copied: of what a test file waits for, migrations are most. */
import { addressOf, migrate, openDb, schemaMark, type Db, type MigrationSource } from '#platform/db';

const PREFIX = 'strongroom_template_';
/** Any constant: "template" in ASCII. Held while one makes it and others wait. */
const LOCK = 0x74656d706c617465n;

/** @param admin one connection to the server at this address. @returns name of a database with these migrations, to which nobody connects */
export async function templateOf(admin: Db, address: string, sources: readonly MigrationSource[]): Promise<string> {
  const name = `${PREFIX}${await schemaMark(sources)}`;
  // who makes the first one takes as long as it takes
  await admin`set statement_timeout = 0`;
  return locked(admin, async () => {
    if ((await admin`select 1 from pg_database where datname = ${name}`).length > 0) return name;
    const half = `${name}_half`;
    await admin`drop database if exists ${admin(half)} with (force)`;
    await admin`create database ${admin(half)} template template0`;
    const db = openDb(addressOf(address, half), { connections: 1 });
    try {
      await migrate(db, sources);
    } finally {
      await db.end({ timeout: 5 });
    }
    // no autovacuum looks into it while somebody copies it
    await admin`alter database ${admin(half)} allow_connections false`;
    await admin`alter database ${admin(half)} rename to ${admin(name)}`;
    return name;
  });
}

/** One at a time, on all connections to the server. */
async function locked<T>(admin: Db, work: () => Promise<T>): Promise<T> {
  await admin`select pg_advisory_lock(${LOCK})`;
  try {
    return await work();
  } finally {
    await admin`select pg_advisory_unlock(${LOCK})`;
  }
}

/** On a server that stays when the tests are over. */
export async function dropTemplates(address: string): Promise<void> {
  const admin = openDb(address, { connections: 1, statementTimeoutMs: 60_000 });
  try {
    // another run may be making one: it is not torn from under it
    await locked(admin, async () => {
      const found = await admin<{ datname: string }[]>`select datname from pg_database where starts_with(datname, ${PREFIX})`;
      for (const { datname } of found) await admin`drop database if exists ${admin(datname)} with (force)`;
    });
  } finally {
    await admin.end({ timeout: 5 });
  }
} // prettier-ignore

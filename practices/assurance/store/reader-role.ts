/** Statements of and on the runner's own role of the database: it reads everything that lies there, and changes nothing. */
import type { Db } from '#platform/db';
import { transact } from '#platform/db';

/** Ours, and no name of anybody else's role. */
const NAME = /^strongroom_run_[0-9a-f]{12}$/;
const SECRET = /^[A-Za-z0-9_-]{32}$/;
const SCHEMAS = [
  'vault',
  'audit',
  'access',
  'collection',
  'traffic',
  'privacy',
  'education',
  'backups',
  'mail',
  'assurance',
];

/** @param password of our own making: a statement that makes a role takes no parameters */
export async function makeReader(db: Db, name: string, password: string, until: Date): Promise<void> {
  if (!NAME.test(name) || !SECRET.test(password)) throw new TypeError('not a name and a password of ours');
  await transact(db, async (tx) => {
    await tx.unsafe(`create role ${name} login nosuperuser nocreatedb nocreaterole noinherit connection limit 4 password '${password}' valid until '${until.toISOString()}'`);
    for (const schema of SCHEMAS) {
      await tx.unsafe(`grant usage on schema ${schema} to ${name}`);
      await tx.unsafe(`grant select on all tables in schema ${schema} to ${name}`);
    }
  });
} // prettier-ignore

export async function dropReader(db: Db, name: string): Promise<void> {
  if (!NAME.test(name)) throw new TypeError('not a name of ours');
  const [there] = await db<{ n: number }[]>`select 1 as n from pg_roles where rolname = ${name}`;
  if (there === undefined) return;
  await transact(db, async (tx) => {
    // it owns nothing; taking back what was granted asks for no membership in it, as `drop owned` does
    for (const schema of SCHEMAS) {
      await tx.unsafe(`revoke all on all tables in schema ${schema} from ${name}`);
      await tx.unsafe(`revoke usage on schema ${schema} from ${name}`);
    }
    await tx.unsafe(`drop role ${name}`);
  });
}

/** Statements of and on the runner's own role of the database: it reads everything that lies there, and changes nothing. */
import type { Db } from '#platform/db';
import { transact } from '#platform/db';

/** Ours, and no name of anybody else's role. */
const NAME = /^strongroom_run_[0-9a-f]{12}$/;
const VERIFIER = /^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$/;
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

/** @param verifier of its password: a statement that makes a role takes no parameters, and may stand in a log */
export async function makeReader(db: Db, name: string, verifier: string, until: Date): Promise<void> {
  if (!NAME.test(name) || !VERIFIER.test(verifier)) throw new TypeError('not a name and a verifier of ours');
  await transact(db, async (tx) => {
    await tx.unsafe(`create role ${name} login nosuperuser nocreatedb nocreaterole noinherit connection limit 4 password '${verifier}' valid until '${until.toISOString()}'`);
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

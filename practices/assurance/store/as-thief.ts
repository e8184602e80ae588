/** Statements of the runner's own role: what somebody finds who has stolen the database, and what they cannot change. */
import type { Db, Statements } from '#platform/db';

/** Larger ones are not gone through row by row each night. */
const MOST_ROWS = 500_000;

/** Tables that hold one of these texts, as text or as bytes in hex. */
export async function tablesWith(db: Db, texts: readonly string[]): Promise<{ tables: number; found: string[] }> {
  const tables = await db<{ schema: string; name: string }[]>`
    select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema)' and has_table_privilege(c.oid, 'select') and c.reltuples < ${MOST_ROWS}`;
  const patterns = texts.flatMap((text) => [`%${text}%`, `%${Buffer.from(text).toString('hex')}%`]);
  const found: string[] = [];
  for (const { schema, name } of tables) {
    const [hit] =
      await db`select 1 from ${db(schema)}.${db(name)} as t where t::text like any (${patterns}::text[]) limit 1`;
    if (hit !== undefined) found.push(`${schema}.${name}`);
  }
  return { tables: tables.length, found };
}

const TRIES: Readonly<Record<string, (tx: Statements) => Promise<unknown>>> = {
  'change an entry': (tx) => tx`update audit.entries set bytes = 'x' where index = 0`,
  'take an entry away': (tx) => tx`delete from audit.entries where index = 0`,
  'put an entry in': (tx) => tx`insert into audit.entries (index, bytes) values (-1, 'x')`,
  'empty the log': (tx) => tx`truncate audit.entries`,
  'change a result': (tx) => tx`update assurance.results set verdict = 'pass'`,
  'change a finding': (tx) => tx`update assurance.findings set state = 'verified fixed'`,
};

/** @returns what it could do all the same; each is rolled back */
export async function changesMade(db: Db): Promise<{ tries: number; done: string[] }> {
  // a database that cannot be reached refuses everything, and proves nothing
  const [owner] = await db<{ name: string }[]>`
    select pg_get_userbyid(relowner) as name from pg_class where oid = 'audit.entries'::regclass`;
  const tries = {
    ...TRIES,
    'be the owner of the log': (tx: Statements) => tx`select set_config('role', ${owner?.name ?? ''}, true)`,
  };
  const done: string[] = [];
  for (const [what, attempt] of Object.entries(tries)) {
    const outcome = await db
      .begin(async (tx) => {
        await attempt(tx);
        done.push(what);
        throw new Rolled();
      })
      .catch((thrown: unknown) => thrown);
    if (outcome instanceof Rolled) continue;
    const { code = '' } = outcome as { code?: string };
    if (code === REFUSED) continue;
    // a trigger or a constraint stopped it: the role itself was let through
    if (!STOPPED_LATER.test(code)) throw outcome;
    done.push(what);
  }
  return { tries: Object.keys(tries).length, done };
}

class Rolled extends Error {}
/** insufficient_privilege */
const REFUSED = '42501';
/** Raised by a trigger, or an integrity constraint. */
const STOPPED_LATER = /^(P0|22|23|55)/;

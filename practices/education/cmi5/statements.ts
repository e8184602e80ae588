/**
 * What a part states, taken down once and never changed (xAPI 1.0.3 Communication §2.1), and what follows of it: the end of
 * its session, blocks that are satisfied, a course that is passed.
 */
import { transact } from '#platform/db';
import { publicId, type Uuid } from '#platform/ids';

import { educationFailure } from '../failures.ts';
import { endRun } from '../packages/end-run.ts';
import type { RunNeeds } from '../packages/runs.ts';
import { endPartSession, openPartSession } from '../store/part-sessions.ts';
import { insertPartStatement, knownStatements, newestSaid, partStatement, partStatements, sizeOfRun, type PartStatementRow, type StatementQuery, type StoredStatement } from '../store/part-statements.ts'; // prettier-ignore
import { holdRun } from '../store/runs.ts';
import { authorityOf, markOf } from './ours.ts';
import { countedIn, mustWorkHere, noteSatisfied } from './registration.ts';
import { ruleOf, type Before } from './rules.ts';
import type { OpenPart } from './sessions.ts';
import { readStatement, type Statement } from './shape.ts';
import type { Part } from './structure.ts';
import { STATEMENT_VERSION } from './words.ts';

/** Of one request; of one statement; of all of a run. */
export const MOST_STATEMENTS = 50;
const MOST_BYTES = 65_536;
const MOST_OF_RUN = { count: 3000, bytes: 16 * 2 ** 20 };

export type PartStatements = {
  /** All or none. @returns their ids, in order. @throws EDUCATION_XAPI_INVALID, …_FORBIDDEN, …_CONFLICT, …_TOO_LARGE, …_TOKEN */
  take: (by: OpenPart, sent: readonly unknown[]) => Promise<readonly string[]>;
  one: (by: OpenPart, id: string) => Promise<StoredStatement | null>;
  list: (by: OpenPart, query: StatementQuery) => Promise<readonly StoredStatement[]>;
};

type StatementNeeds = Pick<RunNeeds, 'db' | 'audit' | 'gate'> &
  Readonly<{
    /** Who works here by now. */
    people: () => Promise<readonly Readonly<{ id: string }>[]>;
  }>;

export function createPartStatements({ db, audit, gate, people }: StatementNeeds): PartStatements {
  return {
    one: ({ of }, id) => partStatement(db, of.run.run_id, id),
    list: ({ of }, query) => partStatements(db, of.run.run_id, query),
    take: async ({ session: { session_id, part, mode, run_id, person_id }, of }, sent) => {
      if (sent.length > MOST_STATEMENTS) throw educationFailure('XAPI_TOO_LARGE', { detail: `a request has at most ${MOST_STATEMENTS} statements` });
      const all = sent.map(readOne);
      if (new Set(all.map(({ id }) => id)).size < all.length) throw educationFailure('XAPI_INVALID', { detail: 'two statements have the same id' });
      const { publisherId, masteryScore } = of.read.parts[part] as Part;
      const rules = {
        session: session_id, part, mode, registration: run_id, actor: of.actor, activity: of.activities.part(part), ours: of.activities.ours, publisherId, masteryScore,
      };
      // before a connection is held: they may take one
      await gate.refresh();
      const person = publicId('per', person_id);
      await mustWorkHere(people, person_id);
      return transact(db, async (tx) => {
        const run = await holdRun(tx, run_id);
        const open = await openPartSession(tx, run_id);
        const now = gate.now();
        const taken = await knownStatements(tx, run_id, all.map(({ id }) => id));
        const known = new Map(taken.map(({ statement_id, sha256 }) => [statement_id as string, sha256]));
        if (run === null || open?.session_id !== session_id || now >= open.ends_at) {
          // whose answer was lost on its way asks again, and is told the same; nothing is added
          const own = all.length > 0 && taken.every((each) => each.session_id === session_id) && all.every((each) => known.get(each.id) === markOf(each));
          if (own) return all.map(({ id }) => id);
          throw educationFailure('XAPI_TOKEN');
        }
        const fresh = all.filter((each) => !known.has(each.id));
        if (all.some((each) => known.has(each.id) && known.get(each.id) !== markOf(each))) throw educationFailure('XAPI_CONFLICT');
        const before: Before[] = (await countedIn(tx, run_id)).filter(({ kind }) => kind === 'defined');
        let newest = await newestSaid(tx, session_id);
        const rows: PartStatementRow[] = [];
        for (const each of fresh) {
          const ruled = ruleOf(each, rules, before, newest);
          if (ruled.fault !== null) throw educationFailure(ruled.fault.status === 403 ? 'XAPI_FORBIDDEN' : 'XAPI_INVALID', { detail: ruled.fault.says });
          const saidAt = new Date(each.timestamp);
          newest = newest === null || saidAt > newest ? saidAt : newest;
          if (ruled.verb !== null) before.push({ session: session_id, part, verb: ruled.verb, saidAt });
          rows.push({
            run_id, statement_id: each.id as Uuid, session_id, part, kind: ruled.kind, verb: each.verb.id, object: each.object.id, said_at: saidAt, stored_at: now,
            sha256: markOf(each),
            statement: JSON.stringify({ ...each, stored: now.toISOString(), authority: authorityOf(of.site), version: STATEMENT_VERSION }),
          });
        }
        const more = rows.filter(({ kind }) => kind === 'allowed');
        // what it is passed by is never too much: each verb comes once
        if (more.length > 0 && isOver(await sizeOfRun(tx, run_id), more))
          throw educationFailure('XAPI_TOO_LARGE', { detail: `a run has at most ${MOST_OF_RUN.count} statements besides those of cmi5, and 16 MiB of them` });
        for (const row of rows) await insertPartStatement(tx, row);
        if (before.some(({ session, verb }) => session === session_id && verb === 'terminated'))
          await endPartSession(tx, { session_id, state: 'terminated', ended_at: now });
        const satisfied = rows.some(({ kind }) => kind === 'defined') && (await noteSatisfied(tx, of, session_id, now));
        if (satisfied && run.state === 'open') {
          await endRun(audit, tx, { actor: { kind: 'staff', id: person }, person, requestId: publicId('pse', session_id) }, { run, state: 'passed', at: now });
        }
        return all.map(({ id }) => id);
      });
    },
  };
} // prettier-ignore

const isOver = ({ count, bytes }: Readonly<{ count: number; bytes: number }>, more: readonly PartStatementRow[]): boolean =>
  count + more.length > MOST_OF_RUN.count || bytes + more.reduce((sum, { statement }) => sum + Buffer.byteLength(statement), 0) > MOST_OF_RUN.bytes; // prettier-ignore

function readOne(sent: unknown): Statement {
  const read = readStatement(sent);
  if (!read.ok) throw educationFailure('XAPI_INVALID', { detail: `${read.at} is missing, or not what xAPI has there` });
  if (Buffer.byteLength(JSON.stringify(sent)) > MOST_BYTES) throw educationFailure('XAPI_TOO_LARGE', { detail: `a statement has at most ${MOST_BYTES} bytes` }); // prettier-ignore
  return read.statement;
}

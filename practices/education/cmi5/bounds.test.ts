/** What bounds what is kept of a run, at the store: its documents, its sessions, what counts, and how long a waiver holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { publicId, uuidv7, type Uuid } from '#platform/ids';

import { tidyPackages } from '../packages/tidy.ts';
import { newestPartSession, type PartSessionRow } from '../store/part-sessions.ts';
import { insertPartStatement } from '../store/part-statements.ts';
import { educationWorlds, later } from '../testing-gate.ts';
import { createDocuments } from './documents.ts';
import { countedIn } from './registration.ts';
import type { OpenPart } from './sessions.ts';
import { VERBS } from './words.ts';

const { fresh } = educationWorlds();
const person_id = uuidv7();

async function runOf(hash: string, ends_at: Date): Promise<Uuid> {
  const run_id = uuidv7();
  await fresh().db`
    insert into education.course_runs (run_id, person_id, course, hash, token, console, began_at, ends_at)
    values (${run_id}, ${person_id}, 'bought', ${hash}, ${uuidv7()}, 'x', ${later(ends_at, -1)}, ${ends_at})`;
  return run_id;
}
async function sessionOf(run_id: Uuid, began_at: Date, state: PartSessionRow['state']): Promise<Uuid> {
  const session_id = uuidv7();
  await fresh().db`
    insert into education.part_sessions (session_id, run_id, person_id, part, mode, token, exchange, console, began_at, ends_at, state, ended_at)
    values (${session_id}, ${run_id}, ${person_id}, 0, 'Normal', ${uuidv7()}, ${uuidv7()}, 'x', ${began_at}, ${later(began_at, 1)}, ${state}, ${state === 'open' ? null : began_at})`;
  return session_id;
}
const say = (run_id: Uuid, verb: keyof typeof VERBS, at: Date) => insertPartStatement(fresh().db, { run_id, statement_id: uuidv7(), session_id: uuidv7(), part: 0, kind: 'ours', verb: VERBS[verb], object: 'x:z', said_at: at, stored_at: at, sha256: '', statement: '{}' }); // prettier-ignore

test('documents are written by a session that is open, until it ends, and all parts of a run keep 16 MiB', async () => {
  const { db } = fresh();
  const now = new Date();
  const run_id = await runOf('one', later(now, 1));
  const session_id = await sessionOf(run_id, now, 'open');
  let at = now;
  const people = async () => [{ id: publicId('per', person_id) }];
  const documents = createDocuments({ db, now: () => at, people });
  const by = { session: { session_id, part: 0 }, of: { run: { run_id, person_id, course: 'bought' } } } as OpenPart;
  const put = (bytes: Buffer, name = 'x') => documents.put(by, { of: 'state', registered: true }, name, { type: 'text/plain', bytes, how: 'replace' }, { match: null, noneMatch: null }); // prettier-ignore
  const clear = () => documents.remove(by, { of: 'state', registered: true }, null, { match: null, noneMatch: null });
  await db`
    insert into education.part_documents (shelf, name, person_id, run_id, type, bytes, updated_at)
    select 'state of part ' || n, 'x', ${person_id}, ${run_id}, 'text/plain', decode(repeat('00', 262144), 'hex'), now() from generate_series(1, 63) n`;
  await put(Buffer.alloc(262_144));
  await assert.rejects(put(Buffer.alloc(1), 'y'), { code: 'EDUCATION_XAPI_TOO_LARGE', message: /16 MiB together/ });
  await put(Buffer.alloc(9));

  at = later(now, 1);
  await assert.rejects(put(Buffer.alloc(8)), { code: 'EDUCATION_XAPI_TOKEN' });
  at = now;
  await db`update education.part_sessions set state = 'terminated', ended_at = now() where session_id = ${session_id}`;
  await assert.rejects(put(Buffer.alloc(8)), { code: 'EDUCATION_XAPI_TOKEN' });
  await assert.rejects(clear, { code: 'EDUCATION_XAPI_TOKEN' });
  const kept = await documents.get(by, { of: 'state', registered: true }, 'x');
  assert.equal(kept?.bytes.length, 9);
});

test('the session that is open is the one that is shown, and beginnings count for nothing', async () => {
  const { db } = fresh();
  const now = new Date();
  const run_id = await runOf('one', later(now, 1));
  await sessionOf(run_id, now, 'terminated');
  const open = await sessionOf(run_id, later(now, -0.5), 'open');
  assert.equal((await newestPartSession(db, run_id))?.session_id, open);
  for (const verb of ['launched', 'abandoned', 'waived', 'satisfied'] as const) await say(run_id, verb, now);
  assert.deepEqual((await countedIn(db, run_id)).map(({ verb }) => verb), ['waived', 'satisfied']); // prettier-ignore
});

test('a waiver holds while its version is the newest one, and goes with what was left once it is not', async () => {
  const { db } = fresh();
  const now = new Date();
  await db`
    insert into education.versions (kind, text_id, seq, hash, locale, material, source, published_at, published_by)
    select 'package', 'bought', n, 'v' || n, 'en', false, '', now(), 'test' from generate_series(1, 2) n`;
  const [older, newest, plain] = [await runOf('v1', later(now, -91)), await runOf('v2', later(now, -91)), await runOf('v2', later(now, -91))]; // prettier-ignore
  for (const each of [older, newest]) await say(each, 'waived', later(now, -92));
  await say(plain, 'launched', later(now, -92));
  await tidyPackages(db, now);
  const left = await db<{ run_id: Uuid }[]>`select run_id from education.course_runs where run_id in ${db([older, newest, plain])}`; // prettier-ignore
  assert.deepEqual(left.map(({ run_id }) => run_id), [newest]); // prettier-ignore
  assert.equal((await db`select from education.part_statements where run_id = ${newest}`).count, 1);
});

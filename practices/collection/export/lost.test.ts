/** Exports that fail where they stand: their place, connection and lock are given back, and a lost session may be begun again. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';

import { migrate, openDb, type Db } from '#platform/db';
import { publicId, uuidv7 } from '#platform/ids';
import { freshDatabase } from '#platform/testing';

import { parseCatalog } from '../parse-catalog.ts';
import { insertProfile } from '../store/exports.ts';
import { createExports } from './index.ts';

const ROOT = new URL('../../../', import.meta.url);
const catalog = parseCatalog(readFileSync(new URL('examples/catalog.yaml', ROOT), 'utf8'));
const profile = {
  name: 'p', kind: 'records', collection: 'customer', purpose: 'service.support', recipient: { name: 'r', contact: 'c' },
  fields: { last_name: { role: 'other', as: 'clear' } }, k: 1, l: 1, maxSuppressedPercent: 0,
}; // prettier-ignore
const yes = async (): Promise<object> => ({});

/** Of a profile that is approved; `append` and `page` are what the log and the vault do about it. */
async function exporting(t: TestContext, { append, page, stopped }: { append: () => Promise<object>; page: (db: Db) => Promise<object>; stopped: boolean }) {
  const { db, url } = await freshDatabase(t);
  await migrate(db, ['platform/audit', 'practices/collection'].map((folder) => ({ schema: folder.split('/')[1] as string, folder: new URL(`${folder}/sql/`, ROOT) })));
  const id = uuidv7();
  await insertProfile(db, { profile_id: id, name: 'p', kind: 'records', recipient: 'r', purpose: 'service.support', profile, hash: 'h'.repeat(64), proposed_by: 'x', proposed_who: 'x', proposed_at: new Date() } as never);
  await db`update collection.export_profiles set state = 'approved', approved_by = 'y', approved_at = now()`;
  const exports = createExports({
    db, audit: { append, appendIn: append } as never, clock: () => new Date(), catalog: () => catalog, arePeople: (async () => true) as never,
    vault: { exportPage: () => page(db), mayExport: async () => () => 'clear', servedOf: async () => new Set() } as never, mask: ((_: unknown, value: unknown) => value) as never,
    openSpool: () => openDb(url, { connections: 1, applicationName: 'spool' }), pseudonymKey: randomBytes(32),
  });
  const by = { actor: { kind: 'user', id: 'x' }, requestId: 'r', renew: async () => ({ kind: 'user', id: 'x' }), stopped: () => stopped } as never;
  const left = async (): Promise<number | undefined> => (await db<{ n: number }[]>`select count(*)::int as n from pg_stat_activity where application_name = 'spool' and datname = current_database()`)[0]?.n;
  return { run: () => exports.run(by, publicId('exp', id)), left };
} // prettier-ignore

test('refused while the log cannot be written: again and again, and no place is taken by it', async (t) => {
  const append = () => Promise.reject(Object.assign(new Error('away'), { code: 'AUDIT_UNAVAILABLE' }));
  const { run, left } = await exporting(t, { append, page: yes, stopped: true });
  for (let n = 0; n < 4; n += 1) await assert.rejects(run(), { code: 'AUDIT_UNAVAILABLE' });
  assert.equal(await left(), 0);
});

test('its own session is ended: it is refused as a database that is gone, and may be tried again', async (t) => {
  const page = async (db: Db): Promise<object> => {
    await db`select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'spool' and datname = current_database()`;
    return { records: [], next: null };
  };
  const { run, left } = await exporting(t, { append: yes, page, stopped: false });
  for (let n = 0; n < 4; n += 1) await assert.rejects(run(), (thrown: { status?: number; code?: string }) => thrown.status === 503 || /^(57P01|CONNECTION_CLOSED|ECONNRESET|EPIPE)$/.test(String(thrown.code))); // prettier-ignore
  assert.equal(await left(), 0);
});

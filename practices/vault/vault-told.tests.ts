/** What is told to whom: under a restriction, without permission, page by page, and once it has expired. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DATA_CLASSES } from '#practices/collection';

import { DATA_CLASSES as VAULT_CLASSES } from './types.ts';
import type { Running } from './vault.test.ts';

export function whatIsTold(of: () => Running): void {
  test('a restricted subject is read for legal claims only, until the restriction is lifted', async () => {
    const { server, put, caller, valueOf, code } = of();
    const vault = await server();
    const id = await put(vault, 'restrict-1', { last_name: 'Held' });
    await vault.restrict(caller('dpo', 'legal.request'), id.subjectId, 'claim');

    await assert.rejects(valueOf(vault, id, 'last_name'), code('VAULT_RESTRICTED'));
    const legal = await vault.read(caller('dpo', 'legal.request'), [id], { fields: ['last_name'] });
    assert.equal(legal.records[0]?.fields.last_name?.value, 'Held');

    await vault.restrict(caller('dpo', 'legal.request'), id.subjectId, null);
    assert.equal(await valueOf(vault, id, 'last_name'), 'Held');
  });

  test('who may not read is told the same of a record that is there and one that is not', async () => {
    const { server, put, caller, code } = of();
    const vault = await server();
    const id = await put(vault, 'oracle-1', { last_name: 'Here' });
    const nobody = { ...id, recordNo: id.recordNo ^ 1n };

    for (const each of [id, nobody]) {
      await assert.rejects(vault.read(caller('engineer'), [each], { fields: null }), code('VAULT_DENIED'));
    }
    await assert.rejects(vault.read(caller('application'), [nobody], { fields: null }), code('VAULT_NOT_FOUND'));
  });

  test('a search goes page by page, its cursor fits no other search, and a denied field cannot be asked', async () => {
    const { server, put, caller, code, place } = of();
    const vault = await server();
    for (let n = 0; n < 5; n += 1) await put(vault, `page-${n}`, { last_name: 'Pagewise', phone: '+14155550199' });
    const where = { last_name: 'PAGEWISE' };
    const ask = { collection: 'customer', where, fields: [], limit: 2 } as const;
    const ids = new Set<string>();

    let page = await vault.search(caller('application'), ask);
    const first = page.cursor;
    for (;;) {
      for (const { id } of page.records) ids.add(id);
      if (page.cursor === undefined) break;
      page = await vault.search(caller('application'), { ...ask, cursor: page.cursor });
    }

    assert.equal(ids.size, 5);
    const other = { ...ask, where: { last_name: 'other' }, ...(first === undefined ? {} : { cursor: first }) };
    await assert.rejects(vault.search(caller('application'), other), code('VAULT_CURSOR_INVALID'));
    const phone = { ...ask, where: { phone: '+14155550199' } };
    await assert.rejects(vault.search(caller('billing', 'service.billing'), phone), code('VAULT_DENIED'));
    const [logged] = await place.db<{ bytes: Buffer }[]>`select bytes from audit.entries order by index desc limit 1`;
    const entry = JSON.parse(String(logged?.bytes)) as Record<string, unknown> & { actor: { role: string } };
    assert.deepEqual(
      [entry.action, entry.outcome, entry.actor.role, entry.detail],
      ['vault.records.search', 'denied', 'billing', { by: ['phone'] }],
    );
  });

  test('what has expired is not read, and is taken away', async () => {
    const { server, put, place, valueOf, code } = of();
    const vault = await server();
    const id = await put(vault, 'expire-1', { last_name: 'Gone' });
    await place.db`update vault.records set expires_at = now() - interval '1 second' where subject_id = ${id.subjectId}`;

    await assert.rejects(valueOf(vault, id, 'last_name'), code('VAULT_NOT_FOUND'));
    assert.equal(await vault.sweep(), 1);
    const [row] = await place.db`select count(*)::int as n from vault.records where subject_id = ${id.subjectId}`;
    assert.equal(row?.n, 0);
  });

  test('a change on a version that is not the newest changes nothing', async () => {
    const { server, put, caller } = of();
    const vault = await server();
    const id = await put(vault, 'stale-1', { last_name: 'First' });
    const change = (name: string) => ({ id, seen: 1, change: { fields: { last_name: name } } });

    const both = await Promise.allSettled(['A', 'B'].map((name) => vault.patch(caller('application'), change(name))));

    assert.equal(both.filter((each) => each.status === 'fulfilled').length, 1);
    const lost = both.find((each) => each.status === 'rejected');
    assert.equal((lost?.reason as { code?: string } | undefined)?.code, 'VAULT_VERSION_STALE');
  });

  test('the vault and the catalogue mean the same classes, in the same order', () => {
    assert.deepEqual(VAULT_CLASSES, DATA_CLASSES);
  });
}

/** What does not open: what is erased or was moved, and tokens of others or used up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RecordId } from '#platform/ids';

import type { Running } from './vault.test.ts';

export function tokensOpenOnce(of: () => Running): void {
  test('an erased subject is gone, by id, by search and by token, and stays so', async () => {
    const { server, put, caller, code } = of();
    const vault = await server();
    const id = await put(vault, 'erase-1', { last_name: 'Vanish', email: 'vanish@example.org' });
    const ask = { recordId: id, field: 'email', kind: 'random' } as const;
    const { token } = await vault.createToken(caller('application'), ask);

    const receipt = await vault.erase(caller('dpo', 'legal.request'), id.subjectId);

    assert.equal(receipt.remains, 0);
    assert.deepEqual(await vault.erase(caller('dpo', 'legal.request'), id.subjectId), { ...receipt });
    await assert.rejects(vault.read(caller('application'), [id], { fields: null }), code('VAULT_NOT_FOUND'));
    await assert.rejects(vault.openToken(caller('application'), token), code('VAULT_TOKEN_UNKNOWN'));
    const where = { email: 'vanish@example.org' };
    const found = await vault.search(caller('application'), { collection: 'customer', where, fields: null, limit: 5 });
    assert.deepEqual(found.records, []);
  });

  test('a box moved to another row, or with a bit flipped, is refused', async () => {
    const { server, put, place, valueOf, code } = of();
    const vault = await server();
    const one = await put(vault, 'move-1', { last_name: 'One' });
    const two = await put(vault, 'move-2', { last_name: 'Two' });
    const at = (id: RecordId) => place.db`select box from vault.records where subject_id = ${id.subjectId}`;
    const [{ box } = { box: Buffer.alloc(0) }] = (await at(one)) as unknown as { box: Buffer }[];

    await place.db`update vault.records set box = ${box} where subject_id = ${two.subjectId}`;
    await assert.rejects(valueOf(await server(), two, 'last_name'), code('VAULT_BOX_REFUSED'));

    const flipped = Buffer.from(box);
    flipped[flipped.length - 20] = (flipped[flipped.length - 20] as number) ^ 1;
    await place.db`update vault.records set box = ${flipped} where subject_id = ${one.subjectId}`;
    await assert.rejects(valueOf(await server(), one, 'last_name'), code('VAULT_BOX_REFUSED'));
  });

  test('a token is used up by who may open it, once, and not by who may not', async () => {
    const { server, put, caller, code } = of();
    const vault = await server();
    const id = await put(vault, 'token-1', { last_name: 'Token', phone: '+14155550100' });
    const ask = { recordId: id, field: 'phone', kind: 'random', maxUses: 1 } as const;
    const { token } = await vault.createToken(caller('application'), ask);

    await assert.rejects(vault.openToken(caller('support'), token), code('VAULT_DENIED'));
    const billing = await vault.openToken(caller('billing', 'service.billing'), token);
    assert.equal(billing.record.fields.phone?.state, 'denied');
    const both = await Promise.allSettled([1, 2].map(() => vault.openToken(caller('application'), token)));

    const opened = both.filter((each) => each.status === 'fulfilled');
    assert.equal(opened.length, 1);
    assert.equal(opened[0]?.value.record.fields.phone?.value, '+14155550100');
    await assert.rejects(vault.openToken(caller('application'), token), code('VAULT_TOKEN_UNKNOWN'));
  });

  test('a use is not spent where nothing left after all: the log was away, or a grant had ended since', async () => {
    const { server, put, caller, code } = of();
    const vault = await server();
    const id = await put(vault, 'token-back', { last_name: 'Back', phone: '+14155550101' });
    const { token } = await vault.createToken(caller('application'), { recordId: id, field: 'phone', kind: 'random', maxUses: 1 }); // prettier-ignore
    const { decide } = vault.core;
    // one who sees it under a grant alone, which the door still found, and which has no read left by now
    const granted: typeof decide = (ask) =>
      ask.actor.grants?.length === 0
        ? decide({ ...ask, actor: { ...ask.actor, role: 'support' } })
        : Object.defineProperty(decide(ask), 'grantIds', { value: ['grt_ended'] });

    await assert.rejects((await server({ failing: true })).openToken(caller('application'), token), /the log is gone/);
    await assert.rejects((await server({ decide: granted })).openToken(caller('application'), token), code('VAULT_DENIED')); // prettier-ignore

    const opened = await vault.openToken(caller('application'), token);
    assert.equal(opened.record.fields.phone?.value, '+14155550101');
    await assert.rejects(vault.openToken(caller('application'), token), code('VAULT_TOKEN_UNKNOWN'));
  });

  test('guessing a token leaves a trace in the log', async () => {
    const { server, caller, code } = of();
    const vault = await server();
    const before = await vault.core.audit.size();

    await assert.rejects(vault.openToken(caller('application'), 'pid_guess'), code('VAULT_TOKEN_UNKNOWN'));

    const [entry] = await vault.core.audit.read(before, before + 1);
    assert.match(entry?.bytes.toString() ?? '', /"action":"vault\.detokenise".*"outcome":"failed"/);
  });

  test('a pairwise token that two records share opens while one of them holds its value', async () => {
    const { server, put, caller, code } = of();
    const vault = await server();
    const [a, b] = [
      await put(vault, 'pair-1', { last_name: 'Pairs' }),
      await put(vault, 'pair-2', { last_name: 'Pairs' }),
    ];
    const token = async (recordId: RecordId, audience: string): Promise<string> =>
      (await vault.createToken(caller('application'), { recordId, field: 'last_name', kind: 'pairwise', audience }))
        .token;
    const opened = async (text: string): Promise<unknown> =>
      (await vault.openToken(caller('application'), text)).record.fields.last_name?.value;

    const shared = await token(a, 'partner');
    assert.equal(await token(b, 'partner'), shared);
    assert.notEqual(await token(a, 'other'), shared);

    await vault.erase(caller('dpo', 'legal.request'), a.subjectId);
    assert.equal(await opened(shared), 'Pairs');
    await vault.patch(caller('application'), { id: b, seen: 1, change: { fields: { last_name: 'Changed' } } });
    await assert.rejects(opened(shared), code('VAULT_TOKEN_UNKNOWN'));
  });
}

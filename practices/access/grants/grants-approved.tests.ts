/** Who approves: somebody else, of what was looked at, once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { publicId, uuidv7 } from '#platform/ids';

import { asking, aSubject, code } from '../testing.ts';
import type { Running } from './grants.test.ts';

const settled = (results: readonly PromiseSettledResult<unknown>[]) => ({
  done: results.filter(({ status }) => status === 'fulfilled').length,
  why: results.flatMap((each) => (each.status === 'rejected' ? ((each.reason as { code?: string }).code ?? '?') : [])),
});

export function othersApprove(of: () => Running): void {
  test('nobody approves what they asked for; the database refuses it too', async () => {
    const { servers, roleOf } = of();
    await servers.change((document) => ({
      ...document,
      roles: {
        ...document.roles,
        dpo: { ...roleOf(document, 'dpo'), grants: document.roles.support?.grants } as never,
      },
      policies: {
        ...document.policies,
        'dpo-ask': `permit (principal in Role::"dpo", action == Action::"grants.request", resource) when { context.purpose == Purpose::"-" };`,
      },
    }));
    const dpo = await servers.by('dpo');
    const { id, scopeHash } = await servers.first.grants.request(dpo, asking(aSubject().text));

    await assert.rejects(servers.first.grants.approve(dpo, id, scopeHash), code('ACCESS_OWN_REQUEST'));
    await assert.rejects(
      servers.db`insert into access.grant_approvals (grant_id, requested_by, scope_hash, approver, role)
        select grant_id, requested_by, scope_hash, requested_by, 'dpo' from access.grants where state = 'pending'`,
      /check constraint/,
    );
    await assert.rejects(
      servers.db`insert into access.grant_approvals (grant_id, requested_by, scope_hash, approver, role)
        select grant_id, 'somebody', scope_hash, requested_by, 'dpo' from access.grants where state = 'pending'`,
      /foreign key/,
    );
    await assert.rejects(
      servers.db`update access.grants set state = 'approved' where state = 'pending'`,
      /approvals are not enough/,
    );
  });

  test('a person does not approve what a key of theirs asked for', async () => {
    const { supporter, servers } = of();
    const { by } = await supporter();
    const { actor: dpo } = await servers.by('dpo');
    const mine = { ...by, actor: { ...by.actor, person: 'per_ada' } };
    const { id, scopeHash } = await servers.first.grants.request(mine, asking(aSubject().text));

    await assert.rejects(
      servers.first.grants.approve({ actor: { ...dpo, person: 'per_ada' } }, id, scopeHash),
      code('ACCESS_OWN_REQUEST'),
    );
  });

  test('two who approve for each other are refused: history separates duties too', async () => {
    const { servers } = of();
    const [one, two, security] = [await servers.by('dpo'), await servers.by('dpo'), await servers.by('security')];
    const { grants } = servers.first;
    const asked = await grants.request(one, asking(aSubject().text));
    await grants.approve(two, asked.id, asked.scopeHash);
    const back = await grants.request(two, asking(aSubject().text));

    await assert.rejects(grants.approve(one, back.id, back.scopeHash), code('ACCESS_SEPARATED'));
    assert.equal((await grants.approve(security, back.id, back.scopeHash)).state, 'approved');
  });

  test('two who approve for each other at the same moment: one of them, and the other is refused', async () => {
    const { servers } = of();
    const { first, second, db } = servers;
    const [one, two] = [await servers.by('dpo'), await servers.by('dpo')];
    const [mine, theirs] = [await first.grants.request(one, asking(aSubject().text)), await first.grants.request(two, asking(aSubject().text))]; // prettier-ignore

    let both: Promise<PromiseSettledResult<unknown>[]> | undefined;
    await db.begin(async (tx) => {
      // both have looked whether the other one approved, as far as they may at once
      await tx`lock table access.grant_approvals in share mode`;
      both = Promise.allSettled([
        first.grants.approve(two, mine.id, mine.scopeHash),
        second.grants.approve(one, theirs.id, theirs.scopeHash),
      ]);
      const waiting = async () =>
        (await tx`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length;
      while ((await waiting()) < 2);
    });

    assert.deepEqual(settled((await both) ?? []), { done: 1, why: ['ACCESS_SEPARATED'] });
  });

  test('an approval holds for the scope that was looked at, in one request, and by no other hash', async () => {
    const { servers, supporter } = of();
    const { grants } = servers.first;
    const { by } = await supporter();
    const subject = aSubject();
    const dpo = await servers.by('dpo');
    const small = await grants.request(by, asking(subject.text, { reads: 1 }));
    const large = await grants.request(by, asking(subject.text, { reads: 50 }));
    const same = await grants.request(by, asking(subject.text, { reads: 1 }));

    await assert.rejects(grants.approve(dpo, large.id, small.scopeHash), code('ACCESS_GRANT_CHANGED'));
    await assert.rejects(grants.approve(dpo, same.id, small.scopeHash), code('ACCESS_GRANT_CHANGED'));
    await grants.approve(dpo, small.id, small.scopeHash);
    await assert.rejects(grants.approve(dpo, small.id, small.scopeHash), code('ACCESS_GRANT_STATE'));
    await assert.rejects(grants.activate(by, large.id), code('ACCESS_GRANT_STATE'));
    await assert.rejects(
      servers.db`update access.grants set scope = replace(scope, 'personal', 'sensitive'), scope_hash = sha256(convert_to(replace(scope, 'personal', 'sensitive'), 'UTF8'))`,
      /does not change/,
    );
  });

  test('of two approvals at once one decides; of an approval and a denial too', async () => {
    const { servers, supporter } = of();
    const { first, second } = servers;
    const { by } = await supporter();
    const [one, two] = [await servers.by('dpo'), await servers.by('security')];
    const asked = await first.grants.request(by, asking(aSubject().text));
    const other = await first.grants.request(by, asking(aSubject().text));

    const approvals = await Promise.allSettled([
      first.grants.approve(one, asked.id, asked.scopeHash),
      second.grants.approve(two, asked.id, asked.scopeHash),
    ]);
    const either = await Promise.allSettled([
      first.grants.approve(one, other.id, other.scopeHash),
      second.grants.deny(two, other.id, 'no need'),
    ]);

    assert.deepEqual(settled(approvals), { done: 1, why: ['ACCESS_GRANT_STATE'] });
    assert.deepEqual(settled(either), { done: 1, why: ['ACCESS_GRANT_STATE'] });
    assert.equal((await first.grants.get(by.actor, asked.id)).approvals.length, 1);
  });

  test('of two activations at once one starts the clock, and only its holder can', async () => {
    const { servers, supporter } = of();
    const { first, second } = servers;
    const { by } = await supporter();
    const { by: stranger } = await supporter();
    const asked = await first.grants.request(by, asking(aSubject().text));
    await first.grants.approve(await servers.by('dpo'), asked.id, asked.scopeHash);

    await assert.rejects(second.grants.activate(stranger, asked.id), code('ACCESS_GRANT_NOT_FOUND'));
    const both = await Promise.allSettled([first.grants.activate(by, asked.id), second.grants.activate(by, asked.id)]);

    assert.deepEqual(settled(both), { done: 1, why: ['ACCESS_GRANT_STATE'] });
  });

  test('what is not there, not an id, and not mine is refused alike: ids cannot be told apart by text', async () => {
    const { servers, supporter } = of();
    const { grants } = servers.first;
    const { by } = await supporter();
    const { by: stranger } = await supporter();
    const { by: marketer } = { by: await servers.by('marketing') };
    const { id, scopeHash } = await grants.request(by, asking(aSubject().text));
    const told = async (work: Promise<unknown>): Promise<string> =>
      work.then(
        () => 'done',
        (thrown: Error & { code?: string; hint?: string }) => `${thrown.code} ${thrown.message} ${thrown.hint}`,
      );

    const answers = [];
    for (const actor of [stranger, marketer])
      for (const which of [id, publicId('grt', uuidv7()), 'grt_nonsense', 'key_1'])
        answers.push(
          await told(grants.get(actor.actor, which)),
          await told(grants.approve(actor, which, scopeHash)),
          await told(grants.deny(actor, which, '')),
          await told(grants.activate(actor, which)),
          await told(grants.cancel(actor, which)),
          await told(grants.revoke(actor, which, '')),
        );

    assert.equal(new Set(answers).size, 1, [...new Set(answers)].join('\n'));
    assert.match(answers[0] as string, /^ACCESS_GRANT_NOT_FOUND/);
    assert.deepEqual(await grants.list(stranger.actor, { states: null }), []);
  });
}

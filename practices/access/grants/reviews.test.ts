import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { FieldSpec } from '#practices/collection';

import type { Actor } from '../decide.ts';
import { asking, aSubject, activeGrant, code, personIn, seen, twoServers, type Servers } from '../testing.ts';
import type { By } from './grant-event.ts';
import { createReviews, type Reviews } from './reviews.ts';

let servers: Servers;
let reviews: Reviews;
let owner: By;
before(async () => {
  servers = await twoServers();
  const { db, audit, first } = servers;
  reviews = createReviews({ db, clock: () => new Date(), audit, policies: first.policies });
  owner = await servers.by('security');
});
after(() => servers.close());

async function holder(role: string): Promise<{ id: string; again: () => Promise<Actor> }> {
  const { id, key } = await servers.keyOf(role);
  return { id, again: () => servers.second.authenticate(key) };
}
const finish = async (id: string): Promise<void> => {
  for (const each of (await reviews.get(id)).items)
    if (each.decision === null) await reviews.decide(owner, id, [each.holder], 'keep', '');
  await reviews.close(owner, id);
};

test('an item shows when and how often the role was used, and how many others have it; what is removed ends at once', async () => {
  const [used, idle] = [await holder('billing'), await holder('billing')];
  await servers.db`insert into access.holder_usage (holder, role, last, n) values (${used.id}, 'billing', now(), 12)`;

  const { id, showsClear } = await reviews.begin(owner, 'billing', 60);
  const { items } = await reviews.get(id);

  assert.equal(showsClear, true);
  const of = (who: string) => items.find((each) => each.holder === who);
  assert.deepEqual([of(used.id)?.count, of(used.id)?.peers, of(idle.id)?.lastUsed], [12, 1, null]);
  await reviews.decide(owner, id, [idle.id], 'remove', 'never used');
  await assert.rejects(idle.again(), code('ACCESS_UNAUTHENTICATED'));
  await assert.rejects(reviews.decide(owner, id, [idle.id], 'keep', ''), code('ACCESS_REVIEW_STATE'));
  await assert.rejects(reviews.close(owner, id), code('ACCESS_REVIEW_STATE'));
  await reviews.decide(owner, id, [used.id], 'keep', '');
  await reviews.close(owner, id);
  assert.equal((await used.again()).role, 'billing');
});

test('holders of a role that sees customers in clear are not ticked off together; those of another one may be', async () => {
  const [one, two] = [await holder('application'), await holder('application')];
  const [three, four] = [await holder('analyst'), await holder('analyst')];
  const clear = await reviews.begin(owner, 'application', 60);
  const masked = await reviews.begin(owner, 'analyst', 60);

  await assert.rejects(reviews.decide(owner, clear.id, [one.id, two.id], 'keep', ''), code('ACCESS_ONE_BY_ONE'));
  await reviews.decide(owner, masked.id, [three.id, four.id], 'keep', '');
  await finish(clear.id);
  await finish(masked.id);
});

test('only whose role answers for it decides, and never on themselves; the database refuses that too', async () => {
  const { id } = await reviews.begin(owner, 'security', 60);

  await assert.rejects(
    reviews.decide(await servers.by('dpo'), id, [owner.actor.id], 'keep', ''),
    code('ACCESS_NOT_APPROVER'),
  );
  await assert.rejects(reviews.decide(owner, id, [owner.actor.id], 'keep', ''), code('ACCESS_OWN_REQUEST'));
  await assert.rejects(
    servers.db`update access.review_items set decision = 'keep', decided_by = holder_id where decision is null`,
    /check constraint/,
  );
  await assert.rejects(reviews.begin(owner, 'security', 60), code('ACCESS_REVIEW_STATE'));
});

test('overdue: nothing above internal leaves in clear at the next read on every server, nor under a grant, until decided', async () => {
  const holds = await holder('application');
  const read = async (field: string) => seen(servers, servers.second, await holds.again(), aSubject().id, field);
  const { id } = await reviews.begin(owner, 'application', 1);
  assert.equal((await read('last_name')).state, 'clear');
  await sleep(1100);

  const late = await read('last_name');
  assert.deepEqual([late.state, late.decision.policies.includes('review-overdue')], ['denied', true]);
  assert.equal((await read('company')).state, 'clear', 'internal');
  assert.equal((await reviews.get(id)).overdue, true);
  await reviews.decide(owner, id, [holds.id], 'keep', 'looked at');
  assert.equal((await read('last_name')).state, 'clear');
  await finish(id);

  const { key } = await servers.keyOf('billing');
  const subject = aSubject();
  const by = { actor: await servers.first.authenticate(key) };
  await activeGrant(servers, by, asking(subject.text, { purpose: 'service.billing', classes: ['sensitive'] }));
  const spec = { name: 'iban', class: 'sensitive', purposes: [{ id: 'service.billing' }] } as unknown as FieldSpec;
  const granted = async () => {
    const actor = await servers.second.authenticate(key);
    return servers.second
      .decide({ actor, action: 'records.read', purpose: 'service.billing', subject: subject.id })
      .field(spec);
  };
  assert.equal(await granted(), 'clear');
  const again = await reviews.begin(owner, 'billing', 1);
  await sleep(1100);
  assert.equal(await granted(), 'masked', 'a grant does not help');
  await finish(again.id);
  assert.equal(await granted(), 'clear');
});

test('a person who loses a role keeps the others, and with the last one the way in; sessions end', async () => {
  const person = await personIn(servers, 'marketing');
  const who = await person.again();
  const { id } = await reviews.begin(owner, 'marketing', 60);

  await reviews.decide(owner, id, [who.id], 'remove', 'left the team');

  await assert.rejects(person.again(), code('ACCESS_UNAUTHENTICATED'));
  await finish(id);
});

test('a closed review is a bundle: its result, its hash in the log, and the proof; it does not change any more', async () => {
  const { id } = await reviews.begin(owner, 'collector', 60);
  await assert.rejects(reviews.bundle(id), code('ACCESS_REVIEW_STATE'));
  await reviews.close(owner, id);
  await servers.audit.integrate();

  const { result, resultHash, auditIndex, proof } = await reviews.bundle(id);

  assert.equal(createHash('sha256').update(result).digest('hex'), resultHash);
  assert.equal((JSON.parse(result) as { format: string }).format, 'strongroom/access-review/1');
  const [entry] = await servers.audit.read(auditIndex, auditIndex + 1);
  assert.match(entry?.bytes.toString() ?? '', new RegExp(resultHash));
  assert.match(proof, /^c2sp\.org\/tlog-proof/);
  await assert.rejects(
    servers.db`update access.reviews set result = '{}' where closed_at is not null`,
    /kept for ever/,
  );
  await assert.rejects(servers.db`delete from access.review_items`, /kept for ever/);
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { isFailure } from '#platform/failure';
import { parseRecordId, subjectIdText, uuidv7 } from '#platform/ids';
import { parseCatalog } from '#practices/collection';

import type { Vault } from './index.ts';
import { MAX_LIFETIME_DAYS, sealForm, type IntakeForm } from './intake.ts';
import { callerFor, putOne, testInstallation, type Installation } from './testing.ts';
import { newXwingSeed, xwingFromSeed } from './xwing.ts';

let installation: Installation;
let vault: Vault;
let number = 0;

before(async () => {
  installation = await testInstallation();
  vault = await installation.server();
});
after(() => installation.close());

const DAY_MS = 86_400_000;
const app = callerFor('application');
const collector = callerFor('collector');
const custodian = callerFor('custodian');
const code = (expected: string) => (thrown: unknown) => isFailure(thrown, expected);
const inDays = (days: number, from = new Date()): Date => new Date(from.getTime() + days * DAY_MS);

const formFor = (more: Partial<IntakeForm> = {}): IntakeForm => ({
  collection: 'customer',
  subject: `form-${(number += 1)}`,
  purpose: 'service.support',
  fields: { last_name: 'Ærø', email: `zoe${number}@example.org` },
  ...more,
});
async function envelopeOf(form: IntakeForm, expiresAt = inDays(1)): Promise<Buffer> {
  const { publicKey } = await vault.intakeKeys.published();
  return sealForm({ installation: vault.core.installation, publicKey }, form, expiresAt);
}
const countRecords = async (): Promise<number> =>
  (await installation.db<{ n: number }[]>`select count(*)::int as n from vault.records`)[0]?.n ?? -1;
const countSeen = async (): Promise<number> =>
  (await installation.db<{ n: number }[]>`select count(*)::int as n from vault.intake_seen`)[0]?.n ?? -1;
const logSince = async (from: number): Promise<Record<string, unknown>[]> =>
  (await vault.core.audit.read(from, from + 100)).map(
    ({ bytes }) => JSON.parse(bytes.toString()) as Record<string, unknown>,
  );
/** A server that lives at another time. */
async function serverAt(now: Date): Promise<Vault> {
  const other = await installation.server();
  other.core.clock = () => now;
  return other;
}

test('a form becomes a record, with one entry in the log; its carrier learns nothing of whom', async () => {
  const form = formFor();
  const envelope = await envelopeOf(form);
  const size = await vault.core.audit.size();

  const received = await vault.receiveForm(collector, { envelope });

  assert.deepEqual(Object.keys(received).toSorted(), ['auditIndex', 'envelopeId']);
  const id = await vault.findByExternalId(app, 'customer', form.subject as string);
  const { records } = await vault.read(app, [id], { fields: ['last_name', 'email'] });
  assert.equal(records[0]?.fields.last_name?.value, 'Ærø');
  assert.equal(records[0]?.fields.email?.value, form.fields.email);
  const [entry] = await logSince(size);
  assert.deepEqual([entry?.action, entry?.outcome, entry?.purpose], ['vault.intake', 'done', 'service.support']);
  const { key, envelope: logged, seals } = (entry?.detail ?? {}) as Record<string, string>;
  assert.deepEqual([key, logged], [(await vault.intakeKeys.published()).keyId, received.envelopeId]);
  assert.match(seals ?? '', /^[A-Za-z0-9+/]{32}$/);
  assert.doesNotMatch(JSON.stringify(entry), /Ærø|zoe|form-/);
});

test('who may store records is told the ids', async () => {
  const received = await vault.receiveForm(callerFor('intake'), { envelope: await envelopeOf(formFor()) });

  const id = parseRecordId(received.id ?? '');
  assert.ok(id !== null && subjectIdText(id.subjectId) === received.subjectId);
});

test('a collector can do nothing but hand in', async () => {
  const id = await putOne(vault, 'collector-1', { last_name: 'X' });
  const put = { collection: 'customer', items: [{ fields: { last_name: 'A' } }], onDuplicate: 'reject' } as const;
  const search = { collection: 'customer', where: { last_name: 'X' }, fields: null, limit: 1 };

  await assert.rejects(vault.put(collector, put), code('VAULT_DENIED'));
  await assert.rejects(vault.read(collector, [id], { fields: null }), code('VAULT_DENIED'));
  await assert.rejects(vault.search(collector, search), code('VAULT_DENIED'));
  await assert.rejects(vault.findByExternalId(collector, 'customer', 'collector-1'), code('VAULT_DENIED'));
  await assert.rejects(vault.remove(collector, id), code('VAULT_DENIED'));
  await assert.rejects(vault.attachments(collector, id), code('VAULT_DENIED'));
  await assert.rejects(vault.intakeKeys.renew(collector, 'keep'), code('VAULT_DENIED'));
  await assert.rejects(
    vault.receiveForm(callerFor('support'), { envelope: await envelopeOf(formFor()) }),
    code('VAULT_DENIED'),
  );
  const elsewhere = callerFor('collector', 'service.support', ['orders']);
  await assert.rejects(vault.receiveForm(elsewhere, { envelope: await envelopeOf(formFor()) }), code('VAULT_DENIED'));
});

test('an envelope is taken once: not again, not by another server, not by two at once', async () => {
  const other = await installation.server();
  const [once, anonymous] = [await envelopeOf(formFor()), await envelopeOf({ collection: 'customer', purpose: 'service.support', fields: { last_name: 'A' } })]; // prettier-ignore
  const before = await countRecords();

  await vault.receiveForm(collector, { envelope: once });
  for (const each of [vault, other]) await assert.rejects(each.receiveForm(collector, { envelope: once }), code('SEALING_ENVELOPE_SEEN')); // prettier-ignore
  const both = await Promise.allSettled([vault, other, vault, other].map((each) => each.receiveForm(collector, { envelope: anonymous })));
  const third = await envelopeOf(formFor());
  const again = await Promise.allSettled([vault, other, vault, other].map((each) => each.receiveForm(collector, { envelope: third })));

  for (const outcomes of [both, again]) {
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.ok(code('SEALING_ENVELOPE_SEEN')(outcome.reason), String(outcome.reason));
    }
  }
  assert.equal(await countRecords(), before + 3);
}); // prettier-ignore

test('a form that is refused leaves no mark: corrected circumstances let the same envelope in', async () => {
  const form = formFor({ fields: { last_name: 'A', shoe_size: 44 } });
  const envelope = await envelopeOf(form);
  await assert.rejects(vault.receiveForm(collector, { envelope }), code('VAULT_FIELD_UNKNOWN'));
  const wider = parseCatalog(
    installation.catalogText.replace('      job_title:\n', '      shoe_size:\n        type: integer\n        class: internal\n        purposes: [service.support]\n      job_title:\n'),
  ); // prettier-ignore

  const later = await installation.server({ catalog: wider });

  assert.ok((await later.receiveForm(collector, { envelope })).envelopeId);
});

test('the mark of an envelope and its record are there together or not at all', async () => {
  const envelope = await envelopeOf(formFor());
  const before = [await countRecords(), await countSeen()];
  const remember = () => Promise.reject(new Error('undone'));

  await assert.rejects(vault.receiveForm(collector, { envelope, remember }), /undone/);

  assert.deepEqual([await countRecords(), await countSeen()], before);
  assert.ok((await vault.receiveForm(collector, { envelope })).envelopeId);
});

test('what is not for us, not for its collection, changed, or out of its time is refused, and stands in the log without a value', async () => {
  const form = formFor({ fields: { last_name: 'Canary', email: 'canary@example.org' } });
  const { publicKey } = await vault.intakeKeys.published();
  const key = { installation: vault.core.installation, publicKey };
  const sound = sealForm(key, form, inDays(1));
  const flipped = Buffer.from(sound);
  flipped[flipped.length - 40] = (flipped[flipped.length - 40] as number) ^ 1;
  const renamed = Buffer.from(sound);
  renamed.write('customeR', 61, 'latin1');
  const otherKey = { ...key, publicKey: xwingFromSeed(newXwingSeed()).publicKey.bytes };
  const cases: [string, Buffer][] = [
    ['SEALING_ENVELOPE_FOREIGN', sealForm({ ...key, installation: uuidv7() }, form, inDays(1))],
    ['SEALING_ENVELOPE_FOREIGN', sealForm(otherKey, form, inDays(1))],
    ['SEALING_ENVELOPE_REFUSED', flipped],
    ['SEALING_ENVELOPE_UNKNOWN', renamed],
    ['SEALING_ENVELOPE_UNKNOWN', Buffer.from('canary')],
    ['SEALING_ENVELOPE_UNKNOWN', Buffer.alloc(0)],
    ['SEALING_ENVELOPE_EXPIRED', sealForm(key, form, inDays(-1))],
    ['SEALING_ENVELOPE_EXPIRED', sealForm(key, form, inDays(31))],
    ['VAULT_COLLECTION_UNKNOWN', sealForm(key, { ...form, collection: 'nobody' }, inDays(1))],
    ['VAULT_PURPOSE_UNKNOWN', sealForm(key, { ...form, purpose: 'canary' }, inDays(1))],
    ['VAULT_FIELD_INVALID', sealForm(key, { ...form, purpose: 'marketing' }, inDays(1))],
    ['VAULT_FIELD_INVALID', sealForm(key, { ...form, fields: { last_name: 'A', email: 'canary' } }, inDays(1))],
    ['VAULT_FIELD_REQUIRED', sealForm(key, { ...form, fields: { email: 'canary@example.org' } }, inDays(1))],
  ];
  const [records, seen, size] = [await countRecords(), await countSeen(), await vault.core.audit.size()];

  for (const [expected, envelope] of cases) {
    await assert.rejects(
      vault.receiveForm(collector, { envelope }),
      (thrown: unknown) =>
        isFailure(thrown, expected) && !/canary/i.test(thrown.message + JSON.stringify(thrown.extra)),
      expected,
    );
  }

  assert.deepEqual([await countRecords(), await countSeen()], [records, seen]);
  const entries = await logSince(size);
  assert.ok(entries.length >= 9 && entries.every(({ outcome }) => outcome === 'failed'), JSON.stringify(entries));
  assert.doesNotMatch(JSON.stringify(entries), /canary/i);
});

test('an envelope for one collection cannot be handed in for another', async () => {
  const twoCollections = parseCatalog(
    `${installation.catalogText}\n  patient:\n    title: P\n    owner: o\n    externalId: {name: p}\n    retention: {after: account.closed, for: P2Y}\n    fields:\n      last_name: {type: name, class: personal, purposes: [service.support], required: true}\n`,
  );
  const both = await installation.server({ catalog: twoCollections });
  const envelope = await envelopeOf(formFor({ collection: 'patient', subject: 'p1', fields: { last_name: 'A' } }));
  // both names have another length in clear, so the name is exchanged for one of the same length
  const moved = Buffer.concat([
    envelope.subarray(0, 60),
    Buffer.from([8]),
    Buffer.from('customer'),
    envelope.subarray(68),
  ]);

  await assert.rejects(both.receiveForm(collector, { envelope: moved }), code('SEALING_ENVELOPE_REFUSED'));
});

test('a form never changes a customer who is there, adds to one whose id it knows, and not to an erased one', async () => {
  const known = await putOne(vault, 'form-known', { last_name: 'Before' });
  await assert.rejects(
    vault.receiveForm(collector, { envelope: await envelopeOf(formFor({ subject: 'form-known', fields: { last_name: 'After' } })) }),
    code('VAULT_DUPLICATE'),
  ); // prettier-ignore
  const { records } = await vault.read(app, [known], { fields: ['last_name'] });
  assert.equal(records[0]?.fields.last_name?.value, 'Before');

  const add = () => envelopeOf(formFor({ subject: subjectIdText(known.subjectId) }));
  const added = await vault.receiveForm(app, { envelope: await add() });
  assert.equal(added.subjectId, subjectIdText(known.subjectId));
  const late = await add();
  await vault.restrict(callerFor('dpo', 'legal.request'), known.subjectId, 'claim');
  await assert.rejects(vault.receiveForm(collector, { envelope: late }), code('VAULT_RESTRICTED'));
  await vault.erase(callerFor('dpo', 'legal.request'), known.subjectId);
  await assert.rejects(vault.receiveForm(collector, { envelope: late }), code('VAULT_ERASED'));
});

test('servers that start at once publish one key, and its fingerprint is in the log', async (t) => {
  const fresh = await testInstallation();
  t.after(() => fresh.close());
  const servers = await Promise.all([fresh.server(), fresh.server(), fresh.server()]);

  const keys = await Promise.all(servers.map((each) => each.intakeKeys.published()));

  assert.equal(new Set(keys.map(({ keyId }) => keyId)).size, 1);
  const [key] = keys;
  const [entry] = await servers[0]?.core.audit.read(Number(key?.auditIndex), Number(key?.auditIndex) + 1) ?? [];
  assert.ok(entry?.bytes.toString().includes(`"fingerprint":"${key?.fingerprint}"`));
  assert.ok(key?.fingerprint.startsWith(key.keyId));
}); // prettier-ignore

test('a new key is published before the old one ends; the old one opens what was sealed to it until nothing can be alive', async () => {
  const first = await vault.intakeKeys.published();
  const toFirst = (form: IntakeForm, expiresAt: Date): Buffer =>
    sealForm({ installation: vault.core.installation, publicKey: first.publicKey }, form, expiresAt);
  const lastMinute = new Date(first.publishUntil.getTime() - 3_600_000);

  const nearEnd = await serverAt(lastMinute);
  const second = await nearEnd.intakeKeys.published();
  assert.notEqual(second.keyId, first.keyId);
  assert.equal((await (await serverAt(lastMinute)).intakeKeys.published()).keyId, second.keyId);

  const form = formFor();
  const longLived = toFirst(form, inDays(MAX_LIFETIME_DAYS, lastMinute));
  const month = await serverAt(inDays(29.9, lastMinute));
  assert.ok((await month.receiveForm(collector, { envelope: longLived })).envelopeId);

  const over = new Date(first.acceptUntil.getTime() + 1000);
  const after = await serverAt(over);
  const late = toFirst(formFor(), inDays(1, over));
  await assert.rejects(after.receiveForm(collector, { envelope: late }), code('SEALING_ENVELOPE_FOREIGN'));
  const before = await installation.db`select from vault.identities where name = ${`intake/${first.keyId}`}`;
  await after.sweep();
  const gone = await installation.db`select from vault.identities where name = ${`intake/${first.keyId}`}`;
  assert.deepEqual([before.length, gone.length], [1, 0]);
});

test('a custodian publishes a new key at once, and may end the others, on every server', async () => {
  const other = await installation.server();
  const old = await envelopeOf(formFor());
  const [first, second] = [await envelopeOf(formFor()), await envelopeOf(formFor())];
  await other.receiveForm(collector, { envelope: first });

  const renewed = await vault.intakeKeys.renew(custodian, 'keep');
  assert.equal((await other.intakeKeys.published()).keyId, renewed.keyId);
  await other.receiveForm(collector, { envelope: second });
  await vault.intakeKeys.renew(custodian, 'end');

  await assert.rejects(other.receiveForm(collector, { envelope: old }), code('SEALING_ENVELOPE_FOREIGN'));
  assert.equal((await vault.intakeKeys.list(custodian)).length, 1);
  assert.ok((await other.receiveForm(collector, { envelope: await envelopeOf(formFor()) })).envelopeId);
});

test('the published key comes out of the root: a row that somebody wrote into the database is not published', async (t) => {
  const fresh = await testInstallation();
  t.after(() => fresh.close());
  const honest = await fresh.server();
  const { keyId, publicKey } = await honest.intakeKeys.published();

  // another identity's bytes under the intake key's name, which is the best that who holds the database has
  await honest.intakeKeys.renew(custodian, 'keep');
  const [newest] = await honest.intakeKeys.list(custodian);
  await fresh.db`
    update vault.identities set wrapped = (select wrapped from vault.identities where name = ${`intake/${keyId}`})
    where name = ${`intake/${newest?.keyId}`}`;

  const second = await fresh.server();
  await assert.rejects(second.intakeKeys.published(), (thrown) => isFailure(thrown) && thrown.code.startsWith('KMS_'));
  assert.equal(publicKey.length, 1216);
});

test('rotating the root wraps identities anew, and they open as before', async () => {
  const { keyId } = await vault.intakeKeys.published();
  const wrapped = async () =>
    (await installation.db<{ wrapped: Buffer }[]>`select wrapped from vault.identities where name = ${`intake/${keyId}`}`)[0]?.wrapped;
  const before = await wrapped();

  const { work_id: id } = await vault.beginWork(custodian, 'root');
  await vault.runWorks(() => false);

  assert.ok(Number((await vault.work(id))?.result.identities) >= 1);
  assert.notDeepEqual(await wrapped(), before);
  assert.equal((await (await installation.server()).intakeKeys.published()).keyId, keyId);
}); // prettier-ignore

test('marks of seen envelopes go when the envelopes have expired anyway', async () => {
  const envelope = await envelopeOf(formFor(), inDays(2));
  await vault.receiveForm(collector, { envelope });
  const before = await countSeen();

  await vault.sweep();
  assert.equal(await countSeen(), before);
  const later = await serverAt(inDays(2.1));
  await later.sweep();

  assert.ok((await countSeen()) < before);
  await assert.rejects(later.receiveForm(collector, { envelope }), code('SEALING_ENVELOPE_EXPIRED'));
});

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { isFailure } from '#platform/failure';
import { parseRecordId, subjectIdText } from '#platform/ids';
import { parseCatalog } from '#practices/collection';

import type { Vault } from './index.ts';
import { sealForm, type IntakeForm } from './intake.ts';
import { callerFor, putOne, testInstallation, type Installation } from './testing.ts';
import { formsAreRefused } from './receive-form-refused.tests.ts';
import { formKeysChange } from './receive-form-keys.tests.ts';

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

/** What the parts are handed, as it is when they ask. */
const running = () => ({
  installation,
  vault,
  app,
  collector,
  code,
  inDays,
  formFor,
  envelopeOf,
  countRecords,
  countSeen,
  logSince,
});
export type Running = ReturnType<typeof running>;

formsAreRefused(running);
formKeysChange(running);

/** What is due goes and nothing else: field by field, whole subjects, and what a consent allowed. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { test } from 'node:test';

import { filesWith } from '#platform/file-search';
import { openNote, parseVerifierKeys } from '#platform/tlog';
import { parseRecordId } from '#platform/ids';

import type { Body, Running } from './retention.test.ts';

type Stored = { box: string; lookups: string; token: string | null };

const pieces = (text: string, size: number): string[] => text.match(new RegExp(`.{${size}}`, 'g')) ?? [];

export function whatIsDueGoes(of: () => Running): void {
  async function entriesOf(action: string, outcome: string): Promise<{ detail: Body }[]> {
    const { system } = of();
    const size = await system.audit.size();
    const entries = (await system.audit.read(Math.max(0, size - 200), size)).map(
      ({ bytes }) => JSON.parse(bytes.toString()) as Body,
    );
    return entries.filter((each) => each.action === action && each.outcome === outcome) as { detail: Body }[];
  }
  async function verified(): Promise<Body> {
    const { call, system } = of();
    await call('admin', 'POST', '/v1/vault/verification');
    for (let tries = 0; tries < 2400; tries += 1) {
      const work = (await call('admin', 'GET', '/v1/vault/verification')).body;
      if (work.state === 'done') return work.result as Body;
      await system.vault.runWorks(() => false);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return assert.fail('the verification does not end');
  }

  test('a record that does not open any more keeps nobody else from being done, and is told of', async () => {
    const { customer, tell, planned, done, read, call, fresh, idOf } = of();
    const people = [await customer(), await customer(), await customer()];
    for (const { subjectId } of people) await tell(subjectId, 'case.closed');
    const damaged = idOf((people[0] as { subjectId: string }).subjectId);
    const flip = (): Promise<unknown> =>
      fresh.db`update vault.records set box = set_byte(box, length(box) - 3, get_byte(box, length(box) - 3) # 1) where subject_id = ${damaged}`;
    await flip();

    const plan = await planned();
    const run = await done(plan, plan.needed > 1 ? ['security', 'dpo'] : ['security']);

    assert.equal(run.state, 'done', JSON.stringify(run));
    assert.equal(run.done.damaged, 1, JSON.stringify(run.done));
    for (const { id } of people.slice(1)) assert.equal((await read(id)).note, undefined);
    const [told] = await entriesOf('collection.retention.run', 'failed');
    assert.equal(told?.detail.because, 'VAULT_BOX_REFUSED');
    assert.equal((await call('dpo', 'POST', '/v1/collection/retention/proofs')).body.ok, false, 'it is still due');
    await flip();
    const again = await planned();
    const next = await done(again, again.needed > 1 ? ['security', 'dpo'] : ['security']);
    assert.equal(next.state, 'done');
    assert.equal((await read((people[0] as { id: string }).id)).note, undefined);
    await call('dpo', 'DELETE', `/v1/vault/subjects/${people[0]?.subjectId}`);
  });

  test('what is due goes, what is not stays, nothing before two people said so, and the vault, the proof and the account agree', async () => {
    const { customer, call, url, keys, tell, planned, read, settled, done, system, fresh } = of();
    const [closed, open, casual] = [
      await customer({ name: 'Xavier Wunderlich', born_on: '1951-07-23' }),
      await customer(),
      await customer(),
    ];
    const token = (
      await call('application', 'POST', '/v1/vault/tokens', { recordId: closed.id, field: 'email', kind: 'random' })
    ).body.token as string;
    await fetch(`${url}/v1/vault/records/${closed.id}/attachments`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${keys.get('application')}`,
        'strongroom-purpose': 'service.support',
        'content-type': 'application/octet-stream',
        'strongroom-name': 'a.txt',
      },
      body: 'a file',
    });
    await tell(closed.subjectId, 'account.closed');
    await tell(closed.subjectId, 'case.closed');
    await tell(closed.subjectId, 'consent.withdrawn');
    await tell(casual.subjectId, 'case.closed');
    const old = await storedOf(closed.id);
    await call('dpo', 'POST', '/v1/collection/retention/settings', {
      enforce: false,
      twoPeopleAbove: 1,
      perSecond: 10_000,
      everyHours: 24,
    });
    const { hash } = (await call('dpo', 'GET', '/v1/collection/retention')).body.proposed as { hash: string };
    assert.equal(
      (await call('dpo', 'POST', '/v1/collection/retention/settings/approve', { hash })).body.code,
      'COLLECTION_SAME_PERSON',
    );
    assert.equal((await call('security', 'POST', '/v1/collection/retention/settings/approve', { hash })).status, 200);

    const plan = await planned();
    const untouched = await read(closed.id);
    const path = `/v1/collection/retention/runs/${plan.id}/approve`;
    const other = await call('dpo', 'POST', path, { planHash: '0'.repeat(64) });
    const twice = [
      await call('dpo', 'POST', path, { planHash: plan.planHash }),
      await call('dpo', 'POST', path, { planHash: plan.planHash }),
    ];
    await settled();
    const waiting = await read(closed.id);
    const outsider = await call('support', 'POST', path, { planHash: plan.planHash });
    const run = await done(plan);

    assert.equal(plan.state, 'planned');
    assert.equal(plan.needed, 2);
    assert.deepEqual([plan.plan.subjects, plan.plan.records], [2, 2]);
    assert.equal(untouched.name?.value, 'Xavier Wunderlich', 'a dry run changes nothing');
    assert.equal(other.body.code, 'COLLECTION_RETENTION_OTHER_PLAN');
    assert.deepEqual(twice.map(({ body }) => body.state), ['planned', 'planned'], 'one person twice is one person'); // prettier-ignore
    assert.equal(waiting.name?.value, 'Xavier Wunderlich');
    assert.equal(outsider.status, 403);
    assert.equal(run.state, 'done', JSON.stringify(run));
    const left = await read(closed.id);
    assert.deepEqual(Object.keys(left).toSorted(), ['born_on', 'iban'], 'a law keeps one, and one is coarse');
    assert.equal(left.born_on?.value, '1951-01-01');
    assert.equal((await read(casual.id)).name?.value, 'Zelda Quux');
    assert.deepEqual(Object.keys(await read(casual.id)).toSorted(), ['born_on', 'email', 'iban', 'name']);
    assert.deepEqual(Object.keys(await read(open.id)).length, 5);
    assert.equal(
      (await call('application', 'POST', '/v1/vault/tokens/open', { token })).body.code,
      'VAULT_TOKEN_UNKNOWN',
    );
    assert.deepEqual(
      (await call('application', 'GET', `/v1/vault/records/${closed.id}/attachments`)).body.attachments,
      [],
    );

    const proof = (await call('dpo', 'POST', '/v1/collection/retention/proofs')).body;
    assert.equal(proof.ok, true, JSON.stringify(proof));
    assert.equal((await verified()).ok, true);
    await searchEveryByte(old as Stored, (await storedOf(closed.id)) as Stored);

    const { certificate } = (await call('auditor', 'GET', `/v1/collection/retention/runs/${run.id}/certificate`))
      .body as { certificate: string };
    const opened = openNote(certificate, parseVerifierKeys(system.audit.verifierKey) ?? []);
    assert.match(opened?.text ?? '', new RegExp(`^strongroom/retention-certificate/1\n(.*\n)*plan ${plan.planHash}\n`));
    assert.equal(
      openNote(certificate.replace('fields-erased', 'fields-kept'), parseVerifierKeys(system.audit.verifierKey) ?? []),
      null,
    );
    const { erasures } = (await call('auditor', 'GET', '/v1/collection/retention/erasures?limit=1000')).body as {
      erasures: {
        run: string;
        seq: string;
        scope: string;
        subject: string;
        record: string;
        collection: string;
        fields: string[];
      }[];
    };
    const rows = erasures.filter((each) => each.run === run.id);
    const lines = rows.map(
      (row) =>
        `${row.seq} ${row.scope} ${row.subject} ${row.record ?? '-'} ${row.collection ?? '-'} ${row.fields.join(',') || '-'}\n`,
    );
    assert.match(
      certificate,
      new RegExp(`\nrows ${rows.length} ${createHash('sha256').update(lines.join('')).digest('hex')}\n`),
    );
    assert.equal(rows.length, 2);
    await assert.rejects(fresh.db`delete from collection.erasures`.execute(), /append-only/);

    const again = await planned();
    assert.equal(again.state, 'done', `what was done is not due again: ${JSON.stringify(again.plan)}`);
  });

  async function storedOf(record: string): Promise<Stored | undefined> {
    const { fresh } = of();
    const number = String(parseRecordId(record)?.recordNo);
    const [row] = await fresh.db`
      select encode(box, 'hex') as box, encode(lookups, 'hex') as lookups,
        (select encode(lookup, 'hex') from vault.tokens t where t.record_no = r.record_no limit 1) as token
      from vault.records r where record_no = ${number}`;
    return row as Stored | undefined;
  }

  /** What was sealed of it, and what it was found by, stand in no row of any table and in no file of the database. */
  async function searchEveryByte(old: Stored, now: Stored): Promise<void> {
    const { fresh } = of();
    const gone = [
      ...pieces(old.box.slice(96), 48).filter((piece) => !now.box.includes(piece)),
      ...pieces(old.lookups, 32).filter((piece) => !now.lookups.includes(piece)),
      old.token as string,
    ];
    assert.ok(gone.length > 15, 'there is something to look for');
    const inClear = ['Xavier Wunderlich', 'large print', '1951-07-23'];
    const tables = (await fresh.db`
      select table_schema || '.' || table_name as name from information_schema.tables
      where table_schema in ('audit', 'vault', 'access', 'collection')`) as unknown as { name: string }[];
    for (const { name } of tables) {
      const rows = (await fresh.db.unsafe(`select t::text as text from ${name} t`)) as unknown as { text: string }[];
      for (const { text } of rows)
        for (const piece of [...gone, ...inClear]) assert.ok(!text.includes(piece), `${name} has ${piece}`);
    }
    const [place] = (await fresh.db`
      select current_setting('data_directory') || '/base/' || oid as folder from pg_database where datname = current_database()`) as unknown as {
      folder: string;
    }[];
    const folder = place?.folder as string;
    if (!existsSync(folder)) return;
    const words = [...gone.map((piece) => Buffer.from(piece, 'hex')), ...inClear];
    await fresh.db.unsafe('checkpoint');
    const alive = await filesWith(folder, [Buffer.from(now.box.slice(-48), 'hex')]);
    assert.ok(alive.found.length > 0, 'the search finds what is there');
    // Row versions that nobody sees any more are still bytes until they are vacuumed, and a vacuum keeps those that a
    // transaction which is still open could see: one job of the server is enough.
    for (let tries = 1; ; tries += 1) {
      for (const { name } of tables) if (name.startsWith('vault.')) await fresh.db.unsafe(`vacuum full ${name}`);
      await fresh.db.unsafe('checkpoint');
      const { found } = await filesWith(folder, words);
      if (tries < 60 && found.length > 0) continue;
      assert.deepEqual(found, []);
      return;
    }
  }

  test('a subject of whom all is due is shredded, by retention or by request, and the account has it in the same transaction', async () => {
    const { customer, tell, done, planned, call, system, idOf, fresh } = of();
    const fields = { iban: undefined, born_on: undefined };
    const [due, asked] = [await customer(fields), await customer(fields)];
    await tell(due.subjectId, 'account.closed');
    await tell(due.subjectId, 'case.closed');
    await tell(due.subjectId, 'consent.withdrawn');

    const run = await done(await planned());
    const erased = await call('dpo', 'DELETE', `/v1/vault/subjects/${asked.subjectId}`);

    assert.equal(run.done['subjects-shredded'], 1, JSON.stringify(run));
    assert.equal(erased.status, 200);
    for (const { subjectId } of [due, asked]) {
      const mac = system.retention.erasures.subjectMac(idOf(subjectId));
      const rows = await fresh.db`select scope, cause from collection.erasures where subject_mac = ${mac}`;
      assert.equal(rows.length, 1);
      assert.equal(rows[0]?.scope, 'subject');
      assert.equal(
        (await fresh.db`select from collection.subject_events where subject_id = ${idOf(subjectId)}`).length,
        0,
      );
    }
    assert.equal((await call('dpo', 'GET', `/v1/vault/subjects/${due.subjectId}`)).status, 404);
  });

  test('consent that is withdrawn ends its purpose at the next read; taken back, it begins again; others go on', async () => {
    const { customer, read, call, fresh, idOf, tell } = of();
    const { id, subjectId } = await customer();
    const state = async (purpose: string) => (await read(id, 'application', purpose)).email?.state;
    await call('application', 'POST', '/v1/vault/tokens', { recordId: id, field: 'note', kind: 'random' });
    const tokens = async () => (await fresh.db`select from vault.tokens where subject_id = ${idOf(subjectId)}`).length;
    assert.equal(await tokens(), 1);
    assert.equal(
      (await call('application', 'PATCH', `/v1/vault/records/${id}`, { fields: { note: null } })).status,
      200,
    );
    assert.equal(await tokens(), 0, 'a field that is taken away takes its tokens along');
    const before = await state('marketing');

    await tell(subjectId, 'consent.withdrawn', '2026-01-01T00:00:00Z', { purpose: 'marketing' });
    const after = [await state('marketing'), await state('service.support'), await state('legal')];
    await tell(subjectId, 'consent.withdrawn', '2026-01-02T00:00:00Z', { purpose: 'marketing', state: 'undone' });

    assert.equal(before, 'clear');
    assert.deepEqual(after, ['denied', 'clear', 'clear']);
    assert.equal(await state('marketing'), 'clear');
  });

  test('a yes that has ended by itself is a basis that has ended, also once the ledger says so', async () => {
    const { customer, read, call, done, planned, system } = of();
    const { id, subjectId } = await customer();
    const state = async () => (await read(id, 'application', 'marketing')).email?.state;
    const ends = new Date(Date.now() + 4000);
    const said = [{ purpose: 'marketing', said: 'given', expiresAt: ends.toISOString() }];
    const given = await call('application', 'POST', '/v1/privacy/consents', { holder: { subject: subjectId }, said, method: 'web', text: 'Tell me' });
    assert.equal(given.status, 201, JSON.stringify(given.body));
    while (new Date() <= ends) await new Promise((resolve) => setTimeout(resolve, 20));

    assert.equal(await system.privacy.consents.expire(), 1);
    const plan = await planned();
    assert.deepEqual([plan.state, plan.plan.records], ['planned', 1], 'it is due');
    await done(plan);

    assert.equal(await state(), 'denied');
  }); // prettier-ignore
}

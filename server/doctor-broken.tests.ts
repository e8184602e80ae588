/** What is broken or soon will be: roots, files, certificates, policies, and the log. */
import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { readConfig } from '#platform/config';
import { openDb } from '#platform/db';
import { testCertificate } from '#platform/testing';

import { lookAtListening } from './doctor/listening.ts';
import type { Running } from './doctor.test.ts';

export function whatIsBroken(given: () => Running): void {
  test('roots that are not those of this database, or do not open, are found before a start', async () => {
    const { doctor, program, CANARY, of, home, PASSPHRASES } = given();
    const wrong = await program({ STRONGROOM_ROOT_PASSPHRASE: `another ${CANARY} altogether, and long` });
    assert.match(of(wrong, 'root-keys'), /^fail: .*KMS_PASSPHRASE/);
    const swapped = await doctor({
      STRONGROOM_KMS: `file:${join(home, 'keys', 'root-b.json')}`,
      STRONGROOM_KMS_SECOND: `file:${join(home, 'keys', 'root-a.json')}`,
      STRONGROOM_ROOT_PASSPHRASE: PASSPHRASES.STRONGROOM_ROOT_PASSPHRASE_SECOND,
      STRONGROOM_ROOT_PASSPHRASE_SECOND: PASSPHRASES.STRONGROOM_ROOT_PASSPHRASE,
    });
    assert.match(of(swapped, 'root-keys'), /^fail: .*VAULT_ROOT_KEY_WRONG/);
    const missing = await doctor({ STRONGROOM_KMS: 'file:/nowhere/root.json' });
    assert.match(of(missing, 'root-keys'), /^fail: .*KMS_ROOT_MISSING/);
  });

  test('a key file that others may read is named with the command that mends it', async () => {
    const { home, doctor, of } = given();
    const path = join(home, 'admin.key');
    await chmod(path, 0o644);
    const said = await doctor();
    await chmod(path, 0o600);
    assert.match(of(said, 'files'), /^fail: administrator key: .* has mode 644$/);
    assert.equal(said.found.find(({ check }) => check === 'files')?.todo, `chmod 600 ${path}`);
  });

  test('a certificate that ended, ends soon, or is another key’s', async () => {
    const { home, CANARY, settings, of } = given();
    const [cert, key] = [join(home, 'tls.crt'), join(home, 'tls.key')];
    const tls = { STRONGROOM_TLS_CERT: cert, STRONGROOM_TLS_KEY: key, STRONGROOM_HOST: '0.0.0.0' };
    const DAY = 86_400_000;
    const cases = [
      [testCertificate('here', { untilMs: 90 * DAY }), /^ok: it holds for/],
      [testCertificate('here', { untilMs: 5 * DAY }), /^warn: it ends in 4 days/],
      [testCertificate('here', { fromMs: -9 * DAY, untilMs: -3 * DAY }), /^fail: it ended 3 days ago/],
      [testCertificate('here', { fromMs: DAY, untilMs: 9 * DAY }), /^fail: it does not hold yet/],
      [
        { ...testCertificate('here'), key: testCertificate('there').key },
        /^fail: STRONGROOM_TLS_KEY is not its private key/,
      ],
      [{ cert: CANARY, key: CANARY }, /^fail: STRONGROOM_TLS_CERT is no PEM/],
    ] as const;
    for (const [made, expected] of cases) {
      await writeFile(cert, made.cert, { mode: 0o600 });
      await writeFile(key, made.key, { mode: 0o600 });
      const found = await lookAtListening(readConfig({ ...settings, ...tls }), new Date());
      assert.match(of({ found }, 'certificate'), expected);
      assert.ok(!JSON.stringify(found).includes(CANARY));
    }
  });

  test('metrics that other machines can ask for are told of', async () => {
    const { of, doctor } = given();
    assert.equal(of(await doctor({ STRONGROOM_METRICS: '127.0.0.1:9464' }), 'metrics'), '');
    assert.match(of(await doctor({ STRONGROOM_METRICS: '0.0.0.0:9464' }), 'metrics'), /^warn: /);
  });

  test('a mail server that is not there is said, without its address and password', async () => {
    const { doctor, CANARY, of } = given();
    const said = await doctor({
      STRONGROOM_SMTP_URL: `smtp://post:${CANARY}@127.0.0.1:9`,
      STRONGROOM_MAIL_FROM: 'Our Company <privacy@example.org>',
    });
    assert.match(of(said, 'mail'), /^fail: /);
  });

  test('a clock that is off by a minute is a failure', async () => {
    const { program, of } = given();
    const later = 'data:text/javascript,const now = Date.now; Date.now = () => now() + 60000;';
    const said = await program({}, ['--json'], ['--import', later]);
    assert.match(of(said, 'clock'), /^fail: .* (5\d|6\d)\.\d s behind/);
  });

  test('a schema that is ahead is refused, one that is behind is named, another version at work is told of', async () => {
    const { fresh, doctor, of, failed } = given();
    const { db } = fresh;
    await db`insert into platform.migrations (schema, number, name, sha256) values ('vault', 9999, '9999-later.sql', 'x')`;
    const ahead = await doctor();
    await db`delete from platform.migrations where number = 9999`;
    assert.match(of(ahead, 'migrations'), /^fail: the database has vault 9999-later\.sql.*DB_NEWER/);
    assert.equal(of(ahead, 'policies'), '', 'of a schema it does not know it says nothing');

    const [last] = await db<{ name: string }[]>`
      delete from platform.migrations m where schema = 'assurance' and number = (select max(number) from platform.migrations where schema = 'assurance')
      returning schema, number, name, sha256, applied_at`;
    const behind = await doctor();
    await db`insert into platform.migrations ${db(last as never)}`;
    assert.deepEqual(failed(behind), []);
    assert.match(of(behind, 'migrations'), new RegExp(`^warn: 1 are not applied: assurance/${last?.name}`));

    const other = openDb(fresh.url, { connections: 1, applicationName: 'strongroom/0.0.9+0badc0de' });
    await other`select 1`;
    const both = await doctor();
    await other.end();
    assert.match(of(both, 'servers'), /^warn: .*strongroom\/0\.0\.9\+0badc0de/);
  });

  test('policies from before an upgrade: what nobody may is named, and put in beside what holds', async () => {
    const { fresh, doctor, program, failed, of } = given();
    const { db } = fresh;
    const [held] = await db<{ version_id: string; document: string }[]>`
      select version_id, document from access.policy_versions where version_id = (select policy_version from access.authz)`;
    const document = JSON.parse(held?.document ?? '') as { policies: Record<string, string> };
    const policies = Object.fromEntries(Object.entries(document.policies).filter(([id]) => !id.endsWith('-assurance')));
    const text = JSON.stringify({ ...document, policies });
    await db`insert into access.policy_versions (version_id, document, hash, state, note, proposed_by, proposed_at)
      values (gen_random_uuid(), ${text}, sha256(convert_to(${text}, 'UTF8')), 'draft', 'older', 'system', now())`;
    await db`update access.authz set policy_version = (select version_id from access.policy_versions where note = 'older')`;

    const said = await doctor();
    const completed = await program({}, ['--policies']);
    await db`update access.authz set policy_version = ${held?.version_id ?? ''}`;

    assert.deepEqual(failed(said), []);
    assert.match(of(said, 'policies'), /permits to nobody: .*assurance\.read, assurance\.run/);
    const { policies: whole } = JSON.parse(completed.out) as { policies: Record<string, string> };
    assert.match(whole['auditor-assurance'] ?? '', /assurance\.read/);
  });

  test('a verification that found a difference is a failure, also while the next one runs', async () => {
    const { fresh, of, doctor } = given();
    const { db } = fresh;
    const put = (state: string, at: string, result: object) => db`
      insert into vault.works (work_id, what, state, started_by, started_at, result)
      values (gen_random_uuid(), 'verify', ${state}, 'x', ${at}, ${db.json(result as never)})`;
    await put('done', '2026-01-01T00:00:00Z', { ok: false });
    await put('running', '2026-01-02T00:00:00Z', {});

    assert.match(of(await doctor(), 'verification'), /^fail: /);

    await db`delete from vault.works where what = 'verify'`;
  });

  test('a log that is shorter than what was signed is a failure', async () => {
    const { fresh, doctor, of } = given();
    const { db } = fresh;
    await db`insert into audit.checkpoints (size, signed_at, note) values (1000000, now(), 'x')`;
    const said = await doctor();
    assert.match(of(said, 'log'), /^fail: .* its end was cut off/);
  });
}

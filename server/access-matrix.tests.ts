/** The matrix of the policies, and what a key may. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';

import type { Json } from './testing.ts';
import type { Running } from './access.test.ts';

export function matrixIsShown(of: () => Running): void {
  test('the matrix, and past reads under another document', async () => {
    const { call, admin, changeActive } = of();
    const matrix = (await call(0, 'GET', '/v1/access/policies/active/matrix', admin)).body;
    assert.ok(matrix.cells.length > 3000);
    assert.deepEqual(
      [
        ...new Set(
          matrix.cells
            .filter((cell: Json) => cell.outcome === 'clear' && cell.dataClass === 'special')
            .map(({ role }: Json) => role),
        ),
      ],
      ['application', 'center', 'dpo'],
    );

    const { version } = await changeActive(
      (document) =>
        (document.policies.shut = 'forbid (principal in Role::"support", action == Action::"records.read", resource);'),
    );
    const replayed = await call(0, 'POST', `/v1/access/policies/${version.id}/replay`, admin, {});
    assert.equal(replayed.status, 200, JSON.stringify(replayed.body));
    assert.ok(
      replayed.body.changes.some(({ role, to }: Json) => role === 'support' && to === 'denied'),
      JSON.stringify(replayed.body),
    );
  });

  test('whoami says what the key may', async () => {
    const { newKey, call } = of();
    const { key } = await newKey('billing');
    const { body } = await call(1, 'GET', '/v1/access/whoami', key);

    assert.deepEqual(body.actions, [
      'records.read',
      'records.search',
      'tokens.open',
      'subjects.find',
      'grants.request',
      'incidents.report',
    ]);
    assert.deepEqual(body.purposes, ['service.billing']);
    assert.match(body.policyVersion, /^pol_/);
  });

  /** The command line, as a person types it. */
  const typed = (key: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, STRONGROOM_URL: of().urls[0], STRONGROOM_KEY: key };
      execFile(process.execPath, ['cli/main.ts', 'access', ...args], { env }, (failed, out, err) =>
        resolve({ code: failed === null ? 0 : Number(failed.code), out, err }),
      );
    });

  test('the matrix is a table for a reader, under the facts that were named, and never under one that is not there', async () => {
    const { admin } = of();
    const day = await typed(admin, 'matrix', '--role', 'billing');
    const granted = await typed(admin, 'matrix', '--role', 'billing', '--fact', 'grant=jit');
    const each = await typed(admin, 'matrix', '--role', 'billing', '--each');
    const wrong = await typed(admin, 'matrix', '--fact', 'grant=jti');
    const none = await typed(admin, 'matrix', '--role', 'auditor');

    assert.match(day.out, /^billing, where .*grant=none/);
    assert.match(day.out, /^ {2}service\.billing +clear +clear +clear +masked +denied$/m);
    assert.match(granted.out, /^ {2}service\.billing +clear +clear +clear +clear +denied$/m);
    assert.match(each.out, /^billing records\.read service\.billing sensitive .*grant=jit.* clear$/m);
    assert.deepEqual([wrong.code, wrong.out], [2, '']);
    assert.match(wrong.err, /no decision depends on grant=jti.*grant=none\|jit\|breakGlass/s);
    assert.equal(none.out, 'records.read is denied to auditor, whatever the purpose.\n');
  });
}

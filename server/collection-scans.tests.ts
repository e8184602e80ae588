/** Scans, and what is decided about what they found. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Running } from './collection.test.ts';

export function scansAreDecided(of: () => Running): void {
  /** As a person types it, with the key of a role. */
  async function cli(role: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const { urls, keys } = of();
    const program = args[1] === 'scan' ? 'server/main.ts' : 'cli/main.ts';
    const env = { PATH: process.env['PATH'], STRONGROOM_URL: urls[0], STRONGROOM_KEY: keys[role] };
    const child = execFile(process.execPath, [program, ...args], { cwd: join(import.meta.dirname, '..'), env });
    let [out, err] = ['', ''];
    child.stdout?.on('data', (text: string) => (out += text));
    child.stderr?.on('data', (text: string) => (err += text));
    const code = await new Promise<number>((resolve) => child.on('close', (ended) => resolve(ended ?? -1)));
    return { code, out, err };
  }

  test('a scan is kept without a value, its differences are decided by name and reason, and end with the catalogue', async () => {
    const { home, as, fresh, adopt, text, entriesOf } = of();
    const csv = join(home, 'crm.csv');
    await writeFile(
      csv,
      `CustomerId,Email,Passport\n${Array.from({ length: 30 }, (_, n) => `${n},canary${n}@example.org,C01X00T47`).join('\n')}\n`,
    );
    const args = ['collection', 'scan', csv, '--report', '--collection', 'customer', '--json', '--fail-on', 'suggest'];

    const first = await cli('engineer', ...args);

    assert.equal(first.code, 1, first.err);
    const { scan: id } = JSON.parse(first.out) as { scan: string };
    const kept = await as('dpo', 1).collection.scan(id);
    const passport = kept.drifts.find(({ column }) => column === 'Passport');
    assert.deepEqual([passport?.kind, passport?.state, passport?.collection], ['undeclared', 'open', 'customer']);
    assert.doesNotMatch(JSON.stringify([kept, await fresh.db`select * from collection.scans`]), /canary|C01X/);
    const drift = passport?.id as string;

    // refused, and nothing is kept: a value, another scan of that moment, one from the future, a decision without its day, and who may not
    const handed = { report: { ...kept.report, schema: 'strongroom/scan/1', source: 'crm.csv', kind: 'csv', startedAt: kept.scan.startedAt, seconds: 1 } } as const; // prettier-ignore
    const withValue = { report: { ...handed.report, warnings: ['such as canary1@example.org'] } };
    await assert.rejects(as('dpo').collection.reportScan(withValue), (thrown: Error & { code: string }) => thrown.code === 'COLLECTION_SCAN_HOLDS_VALUE' && !thrown.message.includes('canary')); // prettier-ignore
    await assert.rejects(as('dpo').collection.reportScan(handed), { code: 'COLLECTION_SCAN_OTHER' });
    await assert.rejects(as('dpo').collection.reportScan({ report: { ...handed.report, startedAt: '2026-02-31T00:00:00Z' } }), { code: 'COLLECTION_SCAN_INVALID' }); // prettier-ignore
    await assert.rejects(as('support').collection.reportScan(handed), { code: 'ACCESS_DENIED' });
    await assert.rejects(as('application').collection.scans(), { code: 'ACCESS_DENIED' });
    await assert.rejects(as('engineer').collection.decideDrift(id, drift, { decision: 'resolved', reason: 'mine' }), { code: 'ACCESS_DENIED' }); // prettier-ignore
    for (const reviewBy of [undefined, '2020-01-01', '2099-02-31'])
      await assert.rejects(as('dpo').collection.decideDrift(id, drift, { decision: 'ignored', reason: 'why', ...(reviewBy === undefined ? {} : { reviewBy }) }), { code: 'COLLECTION_DRIFT_INVALID' }); // prettier-ignore
    assert.equal((await as('dpo').collection.scans()).scans.length, 1);

    const ignored = await as('dpo').collection.decideDrift(id, drift, { decision: 'ignored', reason: 'a trial of one month', reviewBy: '2099-01-01' }); // prettier-ignore
    assert.deepEqual([ignored.state, ignored.decided?.reason], ['ignored', 'a trial of one month']);
    const second = await cli('engineer', ...args);
    assert.equal(second.code, 0, `what was ignored fails nothing: ${second.err}`);
    const resolved = await cli(
      'dpo',
      'collection',
      'discovery',
      'resolve',
      id,
      drift,
      '--reason',
      'the column is gone',
    );
    assert.match(resolved.out, /resolved .*the column is gone/s);
    const third = JSON.parse((await cli('engineer', ...args)).out) as { scan: string };
    const again = (await as('dpo').collection.scan(third.scan)).drifts.find((each) => each.id === drift);
    assert.deepEqual([again?.state, again?.again], ['open', 'found']);

    const [newest, ...older] = (await as('dpo').collection.scans()).scans;
    assert.deepEqual([newest?.id, newest?.current, older.map(({ current }) => current)], [third.scan, true, [false, false]]); // prettier-ignore
    const open = newest?.drift?.open as number;
    const field = '      passport: {type: text, class: sensitive, purposes: [service.support]}\n      phone:';
    await adopt((await text()).replace('      phone:', field));
    const [now] = (await as('dpo', 1).collection.scans()).scans;
    assert.equal(now?.drift?.open, open - 1, 'what the catalogue declares by now is no difference');
    assert.equal((await entriesOf('collection.scan.report')).filter(({ outcome }) => outcome === 'done').length, 3);
    assert.deepEqual((await entriesOf('collection.scan.decide')).filter(({ outcome }) => outcome === 'done').map(({ detail }) => detail['decision']), ['ignored', 'resolved']); // prettier-ignore
  });
}

/** Assurance over HTTP, on two servers: who may, two people, uploads, exports, a run and its stop. */
import assert from 'node:assert/strict';
import { createHash, createPublicKey } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { unzip } from '#platform/testing';

import { twoSystems, type Json, type TwoSystems } from './testing.ts';

const ROLES = ['security', 'dpo', 'engineer', 'auditor', 'support', 'application'] as const;
type Role = (typeof ROLES)[number];
let two: TwoSystems;
let keys: Record<Role, string>;

before(async () => {
  two = await twoSystems({ STRONGROOM_PORT: '7701' });
  const made: [Role, string][] = [];
  for (const role of ROLES) made.push([role, (await two.newKey(role)).key]);
  keys = Object.fromEntries(made) as typeof keys;
});
after(() => two.close());

const ask = (role: Role, method: string, path: string, body?: object, server = 0) =>
  two.call(method, `/v1/assurance/${path}`, { key: keys[role], server, ...(body === undefined ? {} : { body }) });
const upload = async (role: Role, method: string, path: string, bytes: string): Promise<{ status: number; body: Json }> => {
  const response = await fetch(`${two.urls[1]}/v1/assurance/${path}`, { method, headers: { authorization: `Bearer ${keys[role]}`, 'content-type': 'application/octet-stream' }, body: bytes });
  return { status: response.status, body: (await response.json()) as Json };
}; // prettier-ignore
const REPORT = 'title,severity,asset,place,rule,tool\nTelnet,high,web,tcp/23,r:1,nmap\nFTP,low,web,tcp/21,r:2,nmap\n';

test('posture, tests and findings are for those who may read them; nothing is green before a run', async () => {
  const posture = await ask('auditor', 'GET', 'posture');
  assert.equal(posture.status, 200, JSON.stringify(posture.body));
  assert.deepEqual([...new Set((posture.body.practices as Json[]).map(({ state }) => state as string))], ['unknown']);
  const { body } = await ask('auditor', 'GET', 'tests');
  assert.ok((body.tests as Json[]).length >= 8 && (body.tests as Json[]).every(({ state, because }) => state === 'unknown' && because === 'it has not run'));
  for (const path of ['posture', 'tests', 'findings', 'runs', 'reports', 'feeds', 'arms', 'exports/sarif', `evidence/${'0'.repeat(64)}`]) {
    assert.equal((await ask('support', 'GET', path)).status, 403, path);
    assert.equal((await two.call('GET', `/v1/assurance/${path}`)).status, 401, path);
  }
  assert.equal((await ask('auditor', 'POST', 'runs', { tests: [] })).status, 403);
  assert.equal((await ask('engineer', 'PUT', 'switch', { reason: 'x' })).status, 403);
}); // prettier-ignore

test('a report becomes findings, somebody works on them, two people accept one', async () => {
  assert.equal((await upload('auditor', 'POST', 'reports', REPORT)).status, 403);
  const taken = await upload('engineer', 'POST', 'reports', REPORT);
  assert.deepEqual([taken.status, taken.body.opened], [201, 2], JSON.stringify(taken.body));
  assert.equal((await upload('engineer', 'POST', 'reports?format=nmap', REPORT)).status, 422);
  const { body: listed } = await ask('auditor', 'GET', 'findings?severity=high');
  const [finding] = listed.findings as Json[];
  assert.ok(finding !== undefined);
  const path = `findings/${finding.id as string}`;
  const moved = await ask('engineer', 'POST', `${path}/change`, { version: finding.version as number, note: 'it is ours', move: 'start' });
  assert.deepEqual([moved.status, moved.body.state], [200, 'in progress'], JSON.stringify(moved.body));
  assert.equal((await ask('engineer', 'POST', `${path}/change`, { version: finding.version as number, note: 'late' }, 1)).body.code, 'ASSURANCE_CHANGED');
  const acceptance = { version: moved.body.version as number, days: 30, control: 'a firewall', reason: 'an old device' };
  assert.equal((await ask('dpo', 'POST', `${path}/acceptance`, acceptance)).status, 403);
  const proposed = await ask('security', 'POST', `${path}/acceptance`, acceptance);
  assert.equal(proposed.status, 200, JSON.stringify(proposed.body));
  const approve = { version: proposed.body.version as number, note: '' };
  assert.equal((await ask('engineer', 'POST', `${path}/acceptance/approve`, approve)).status, 403);
  assert.equal((await ask('security', 'POST', `${path}/acceptance/approve`, approve)).body.code, 'ASSURANCE_SAME_PERSON');
  const accepted = await ask('dpo', 'POST', `${path}/acceptance/approve`, approve, 1);
  assert.deepEqual([accepted.status, accepted.body.state], [200, 'accepted'], JSON.stringify(accepted.body));
  const { body: whole } = await ask('auditor', 'GET', path);
  assert.deepEqual((whole.events as Json[]).map(({ what }) => what as string), ['opened', 'start', 'propose', 'accept']);
  assert.ok((await two.entriesOf('assurance.finding.accept')).length === 1);
}); // prettier-ignore

test('attacks run where two people armed them, and nothing runs while the switch is pulled', async () => {
  assert.equal((await ask('security', 'POST', 'runs', { tests: ['NOBODY'] })).body.code, 'ASSURANCE_TEST_UNKNOWN');
  assert.equal((await ask('security', 'POST', 'runs', { tests: ['AUTHN-01'] })).body.code, 'ASSURANCE_NOT_ARMED');
  assert.equal((await ask('security', 'POST', 'arms', { kinds: ['attack'], days: 91, reason: 'x' })).body.code, 'ASSURANCE_TOO_LONG');
  const { body: arm } = await ask('security', 'POST', 'arms', { kinds: ['attack'], days: 7, reason: 'the nightly run' });
  assert.equal((await ask('security', 'POST', 'runs', { tests: ['AUTHN-01'] })).body.code, 'ASSURANCE_NOT_ARMED', 'proposed is not armed');
  assert.equal((await ask('security', 'POST', `arms/${arm.id as string}/approve`)).body.code, 'ASSURANCE_SAME_PERSON');
  assert.equal((await ask('dpo', 'POST', `arms/${arm.id as string}/approve`)).body.state, 'armed');
  const pulled = await ask('dpo', 'PUT', 'switch', { reason: 'a migration' }, 1);
  assert.deepEqual([pulled.status, pulled.body.pulled], [200, true]);
  assert.equal((await ask('security', 'POST', 'runs', { tests: ['AUTHN-06'] })).body.code, 'ASSURANCE_STOPPED');
  assert.equal(((await ask('auditor', 'GET', 'posture')).body.switch as Json).reason, 'a migration');
  await ask('dpo', 'DELETE', 'switch');

  const begun = await ask('security', 'POST', 'runs', { tests: ['AUTHN-06', 'AUTHN-05'] });
  assert.equal(begun.status, 202, JSON.stringify(begun.body));
  assert.equal((await ask('security', 'POST', 'runs', { tests: ['AUTHN-06'] }, 1)).body.code, 'ASSURANCE_RUN_GOING');
  let run: Json = {};
  for (let tries = 0; tries < 4000 && run.state !== 'done'; tries += 1) {
    run = (await ask('auditor', 'GET', `runs/${begun.body.id as string}`, undefined, 1)).body;
    assert.notEqual(run.state, 'failed', JSON.stringify(run));
    await sleep(150);
  }
  assert.deepEqual([run.state, (run.results as Json[]).length], ['done', 2], JSON.stringify(run));
  const [hash] = ((run.results as Json[])[0]?.evidence ?? []) as string[];
  const evidence = await fetch(`${two.urls[0]}/v1/assurance/evidence/${hash}`, { headers: { authorization: `Bearer ${keys.auditor}` } });
  assert.equal(createHash('sha256').update(Buffer.from(await evidence.arrayBuffer())).digest('hex'), hash);
  assert.equal((await ask('dpo', 'POST', `arms/${arm.id as string}/end`)).body.state, 'over');
  assert.equal((await ask('security', 'POST', `runs/${begun.body.id as string}/stop`)).body.code, 'ASSURANCE_WRONG_STATE');
}); // prettier-ignore

test('exports are what others read; the bundle verifies without us, and not when it was changed', async () => {
  for (const name of ['oscal-assessment-results', 'oscal-poam', 'sarif', 'cyclonedx', 'navigator']) {
    const { status, body } = await ask('auditor', 'GET', `exports/${name}`);
    assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
  }
  await two.systems[0].audit.integrate();
  await two.systems[0].audit.publish();
  const response = await fetch(`${two.urls[0]}/v1/assurance/exports/bundle.zip`, { headers: { authorization: `Bearer ${keys.auditor}` } });
  assert.equal(response.status, 200);
  const folder = await mkdtemp(join(tmpdir(), 'sr-bundle-'));
  try {
    const files = unzip(Buffer.from(await response.arrayBuffer()));
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    const signer = createPublicKey(files.get('signer.pub')?.toString() ?? '').export({ format: 'der', type: 'spki' });
    const verify = () => promisify(execFile)(process.execPath, ['verify.mjs', createHash('sha256').update(signer).digest('hex')], { cwd: folder });
    const { stdout } = await verify();
    assert.ok(files.has('runs/1.json') && [...files.keys()].some((name) => name.startsWith('proofs/')), stdout);
    await writeFile(join(folder, 'findings.json'), '[]');
    await assert.rejects(verify());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}); // prettier-ignore

test('the command shows posture, tests and findings, takes a report in, and says 1 where a run was not well', async () => {
  const command = (role: Role, ...args: string[]) => two.command(args, { noun: 'assurance', key: keys[role] });
  const folder = await mkdtemp(join(tmpdir(), 'sr-command-'));
  await writeFile(join(folder, 'report.csv'), REPORT.replaceAll('web', 'shop'));
  const taken = await command('engineer', 'import', join(folder, 'report.csv'));
  assert.match(taken.out, /nmap: 2 findings, 2 new/, taken.err);
  const listed = await command('auditor', 'findings', '--source', 'nmap', '--json');
  const { findings } = JSON.parse(listed.out) as { findings: Json[] };
  const id = findings.find(({ asset }) => asset === 'shop')?.id as string;
  assert.match((await command('engineer', 'findings', 'change', id, 'start', '--note', 'ours')).out, /in progress/);
  assert.equal((await command('auditor', 'findings', 'change', id, 'ready')).code, 3);
  assert.match((await command('auditor', 'posture')).out, /vault +unknown/);
  assert.match((await command('auditor', 'tests', '--family', 'MASK')).out, /MASK-01/);
  assert.match((await command('auditor', 'feeds')).out, /osv +missing/);
  const out = join(folder, 'assurance.zip');
  assert.equal((await command('auditor', 'export', 'bundle', '--out', out)).code, 0);
  assert.equal((await command('security', 'run', 'AUTHN-06')).code, 1, 'not armed');
  assert.equal((await command('security', 'run', 'NOBODY')).code, 1);
  assert.equal((await command('security', 'arm', 'propose', 'fire', '--reason', 'x')).code, 2);
  await rm(folder, { recursive: true, force: true });
}); // prettier-ignore

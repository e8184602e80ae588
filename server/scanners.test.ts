/**
 * Scanners on a real system: the wiring by a program that the test writes, which does what a scanner does with its arguments;
 * and real ones where they are installed.
 */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { setSwitch } from '#practices/assurance';

import { composeSystem, type System } from './compose.ts';

const BY = { actor: { kind: 'staff', id: 'per_1', role: 'security' }, person: 'per_1', requestId: 'asked-1' } as const;
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
let system: System;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sr-scanners-'));
  fresh = await freshDatabase();
  const named = ['nmap', 'sslscan', 'ffuf'].map((name) => `${name}=${join(folder, name)}`).join(' ');
  system = await composeSystem(readConfig({ STRONGROOM_HOME: join(folder, 'home'), DATABASE_URL: fresh.url, STRONGROOM_LOG: 'silent', STRONGROOM_ASSURANCE_SCANNERS: named }), createLog('silent'));
  await system.http.listen({ host: '127.0.0.1', port: 0 });
}); // prettier-ignore
after(async () => {
  await (system as System | undefined)?.close();
  await fresh.close();
  await rm(folder, { recursive: true, force: true });
});

/** A program in the scanner's place; what it prints is what the text says, in the shell. */
async function program(name: string, body: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
  await chmod(join(folder, name), 0o755);
}
const scanner = async (name: string) => {
  const found = (await system.assurance.scans.list()).find((each) => each.name === name);
  assert.ok(found !== undefined);
  return found;
};
const scan = async (name: string) => {
  await system.assurance.scans.begin(BY, [name]);
  await system.assurance.scans.settled();
  return scanner(name);
};
const xml = (port: string, state: string): string =>
  `<?xml version="1.0"?><nmaprun scanner="nmap" version="7.93"><host><address addr="127.0.0.1" addrtype="ipv4"/><ports><port protocol="tcp" portid="${port}"><state state="${state}"/><service name="http"/></port></ports></host><runstats><finished exit="success"/></runstats></nmaprun>`;
/** The port that it was asked about, from its arguments. */
const PORT = 'while [ "$1" != -p ]; do shift; done; port=$2';
const refused = (code: string) => ({ code: `ASSURANCE_${code}` });

test('one that is not installed says so, and is not begun; of one that there is not, nothing is known', async () => {
  assert.deepEqual([(await scanner('nmap')).state, (await scanner('nmap')).program], ['not installed', null]);
  await assert.rejects(system.assurance.scans.begin(BY, ['nmap']), refused('SCANNER_NOT_HERE'));
  await assert.rejects(system.assurance.scans.begin(BY, ['nikto']), refused('SCANNER_UNKNOWN'));
});

test('it is asked about this very system by arguments, in an environment and a folder of its own, and what it finds are findings', async () => {
  process.env.STRONGROOM_SECRET_OF_A_TEST = 'not for a scanner';
  const seen = join(folder, 'seen');
  await program('nmap', `{ env; pwd; for a in "$@"; do echo "arg:$a"; done; } > ${seen}\n${PORT}\necho '${xml('@', 'open')}' | sed "s/@/$port/"`);

  const said = await scan('nmap');

  assert.deepEqual([said.state, said.because, said.findings, said.opened], ['done', '', 1, 1]);
  const told = await readFile(seen, 'utf8');
  const args = told.split('\n').flatMap((line) => (line.startsWith('arg:') ? [line.slice(4)] : []));
  assert.ok(args.includes('127.0.0.1') && args.every((each) => !/\d+\.\d+\.\d+\.\d+/.test(each) || each === '127.0.0.1'), args.join(' '));
  assert.ok(!told.includes('not for a scanner') && /^HOME=.*sr-scan-/m.test(told));
  const place = /^\S*sr-scan-\S+$/m.exec(told)?.[0] ?? '';
  assert.ok(place !== '' && !existsSync(place), 'its folder is gone');
  const { findings } = await system.assurance.findings.list({ state: 'open', source: 'nmap', most: 5 });
  assert.deepEqual(findings.map(({ rule, state }) => [rule, state]), [['nmap:open-port', 'new']]);
}); // prettier-ignore

test('one that did not reach its target is invalid: nothing of what was found before waits for a retest', async () => {
  await program('nmap', `${PORT}\necho '${xml('@', 'closed')}' | sed "s/@/$port/"`);
  const said = await scan('nmap');
  assert.deepEqual([said.state, said.findings], ['invalid', 0]);
  assert.match(said.because, /did not reach its target/);
  const { findings } = await system.assurance.findings.list({ state: 'all', source: 'nmap', most: 5 });
  assert.deepEqual(findings.map(({ state }) => state), ['new']);
}); // prettier-ignore

for (const [what, body, because] of [
  ['ends badly', `${PORT}\necho '${xml('@', 'open')}' | sed "s/@/$port/"\nexit 3`, /code 3/],
  ['says something that is no report', `${PORT}\necho "<nmaprun><port protocol=\\"tcp\\" portid=\\"$port\\"><state state=\\"open\\""`, /ASSURANCE_IMPORT_/],
  ['says more than is read', 'head -c 40000000 /dev/zero; sleep 60', /more than 33554432 bytes/],
] as const)
  test(`a scanner that ${what} is invalid`, async () => {
    await program('nmap', body);
    const said = await scan('nmap');
    assert.equal(said.state, 'invalid');
    assert.match(said.because, because);
  }); // prettier-ignore

test('the switch ends one with all that it started; while it is pulled none begins, nor a second one beside the first', async () => {
  const mark = `strongroom-scan-${process.pid}`;
  await program('nmap', `sh -c 'exec -a ${mark} sleep 300' & sleep 300`);
  await system.assurance.scans.begin(BY, ['nmap']);
  await assert.rejects(system.assurance.scans.begin(BY, ['nmap']), refused('SCAN_GOING'));
  while ((await scanner('nmap')).state !== 'running') await sleep(20);
  await system.assurance.arms.pull(BY, true, 'a test');
  await system.assurance.scans.settled();
  assert.deepEqual([(await scanner('nmap')).state, (await scanner('nmap')).because], ['invalid', 'it was stopped']);
  await assert.rejects(system.assurance.scans.begin(BY, ['nmap']), refused('STOPPED'));
  await setSwitch(system.db, { pulled: false, by: 'test', reason: '', at: new Date() });
});

test('one that attacks runs where attacks are armed; one that looks at TLS where there is some', async () => {
  await program('ffuf', 'exit 0');
  await program('sslscan', 'exit 0');
  assert.deepEqual([(await scanner('ffuf')).state, (await scanner('sslscan')).state], ['not armed', 'no TLS']);
  await assert.rejects(system.assurance.scans.begin(BY, ['ffuf']), refused('NOT_ARMED'));
  await assert.rejects(system.assurance.scans.begin(BY, ['sslscan']), refused('SCANNER_NOT_HERE'));
});

test('a scan of a server that was killed is invalid to the next one', async () => {
  await system.db`insert into assurance.scans (scan_id, scanner, state, asked_by, started_at) values (gen_random_uuid(), 'lynis', 'running', 'assurance', now() - interval '2 hours')`;
  await system.assurance.scans.tick();
  const [row] = await system.db<{ state: string; because: string }[]>`select state, because from assurance.scans where scanner = 'lynis'`;
  assert.deepEqual([row?.state, row?.because], ['invalid', 'its server is gone']);
}); // prettier-ignore

const REAL = '/usr/bin/nmap';
test(
  'nmap itself reaches this system, and finds its port open',
  { skip: existsSync(REAL) ? false : 'nmap is not installed' },
  async () => {
    await program('nmap', `exec ${REAL} "$@"`);
    const said = await scan('nmap');
    assert.deepEqual([said.state, said.because], ['done', '']);
    assert.ok(said.findings >= 1);
  },
);

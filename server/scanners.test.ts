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
import { publicId, uuidv7 } from '#platform/ids';
import { createLog } from '#platform/log';
import { freshDatabase } from '#platform/testing';
import { setSwitch } from '#practices/assurance';

import { composeSystem, type System } from './compose.ts';
import { entriesOf } from './testing.ts';
import { MIGRATIONS } from './migrations.ts';

const BY = { actor: { kind: 'staff', id: 'per_1', role: 'security' }, person: 'per_1', requestId: 'asked-1' } as const;
let fresh: Awaited<ReturnType<typeof freshDatabase>>;
let folder: string;
let system: System;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sr-scanners-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const named = ['nmap', 'sslscan', 'wapiti', 'ffuf'].map((name) => `${name}=${join(folder, name)}`).join(' ');
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

/** Of a process that the program in a scanner's place left behind it. */
const LEAVES_ONE = (file: string): string => `sleep 300 & echo $! > ${file}.part; mv ${file}.part ${file}`;
const pidIn = async (file: string): Promise<number> => {
  while (!existsSync(file)) await sleep(20);
  const pid = Number(await readFile(file, 'utf8'));
  process.kill(pid, 0);
  return pid;
};
/** Resolves when there is no such process any more; who waited for it may not have heard yet. */
const gone = async (pid: number): Promise<void> => {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (stat === null || /\) Z /.test(stat)) return;
    await sleep(20);
  }
};

test('the switch ends one with all that it started; while it is pulled none begins, nor a second one beside the first', { timeout: 180_000 }, async () => {
  const file = join(folder, 'started-1');
  await program('nmap', `${LEAVES_ONE(file)}; wait`);
  await system.assurance.scans.begin(BY, ['nmap']);
  await assert.rejects(system.assurance.scans.begin(BY, ['nmap']), refused('SCAN_GOING'));
  const pid = await pidIn(file);
  await system.assurance.arms.pull(BY, true, 'a test');
  await system.assurance.scans.settled();
  await gone(pid);
  assert.deepEqual([(await scanner('nmap')).state, (await scanner('nmap')).because], ['invalid', 'it was stopped']);
  await assert.rejects(system.assurance.scans.begin(BY, ['nmap']), refused('STOPPED'));
  await setSwitch(system.db, { pulled: false, by: 'test', reason: '', at: new Date() });
}); // prettier-ignore

test('what one that ended well left running ends with it', { timeout: 180_000 }, async () => {
  const file = join(folder, 'started-2');
  await program('nmap', `(${LEAVES_ONE(file)}) > /dev/null\n${PORT}\necho '${xml('@', 'open')}' | sed "s/@/$port/"\nwhile [ ! -e ${folder}/seen-2 ]; do sleep 0.05; done`);
  await system.assurance.scans.begin(BY, ['nmap']);
  const pid = await pidIn(file);
  await writeFile(join(folder, 'seen-2'), '');
  await system.assurance.scans.settled();
  assert.equal((await scanner('nmap')).state, 'done');
  await gone(pid);
}); // prettier-ignore

test('of two that are begun at once there is one, and it is ended by whoever may: by any server, and the log says so', { timeout: 180_000 }, async () => {
  const file = join(folder, 'started-3');
  await program('nmap', `${LEAVES_ONE(file)}; wait`);
  await assert.rejects(system.assurance.scans.stop(BY), refused('WRONG_STATE'));
  const begun = await Promise.allSettled([system.assurance.scans.begin(BY, ['nmap']), system.assurance.scans.begin(BY, ['nmap'])]);
  assert.deepEqual(begun.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  const pid = await pidIn(file);
  await system.assurance.scans.stop(BY);
  await system.assurance.scans.settled();
  await gone(pid);
  assert.equal((await scanner('nmap')).because, 'it was stopped');
  assert.ok((await entriesOf(system)).some(({ action, actor }) => action === 'assurance.scan.stop' && actor.id === 'per_1'));

  await rm(file);
  await system.assurance.scans.begin(BY, ['nmap']);
  const next = await pidIn(file);
  // as another server asks
  await system.db`update assurance.scans set stop_asked = 'per_2' where state = 'running'`;
  await system.assurance.scans.settled();
  await gone(next);
}); // prettier-ignore

const armed = async (): Promise<string> => {
  const { id } = await system.assurance.arms.propose(BY, { kinds: ['attack'], days: 1, reason: 'a test' });
  await system.assurance.arms.approve({ ...BY, actor: { ...BY.actor, id: 'per_2' }, person: 'per_2' }, id);
  return id;
};

test('asked at another server a moment before one ends by itself, what waits behind it does not begin', async () => {
  const arm = await armed();
  const file = join(folder, 'asked');
  await program('nmap', `touch "${file}"; while [ ! -e "${file}.go" ]; do sleep 0.05; done; echo '<nmaprun/>'`);
  const second = join(folder, 'asked-second');
  await program('ffuf', `touch "${second}"; echo '<x/>'`);
  await system.assurance.scans.begin(BY, ['nmap', 'ffuf']);
  for (let tries = 0; tries < 1200 && !existsSync(file); tries += 1) await sleep(50);
  await system.db`update assurance.scans set stop_asked = 'per_2' where state = 'running'`;
  await writeFile(`${file}.go`, '');
  await system.assurance.scans.settled();
  assert.equal(existsSync(second), false);
  await system.assurance.arms.end(BY, arm);
}); // prettier-ignore

test('a report without a finding sends what the tool found here before to a retest', async () => {
  const arm = await armed();
  const report = (found: object): string => JSON.stringify({ vulnerabilities: found, anomalies: {}, infos: { target: 'http://127.0.0.1:1/', version: 'Wapiti 3.2.3', crawled_pages_nbr: 3 } });
  const wapiti = (found: object) => program('wapiti', `while [ "$1" != -o ]; do shift; done\necho '${report(found)}' > "$2"`);
  await wapiti({ 'Cross Site Scripting': [{ method: 'GET', path: '/center/', info: 'one', level: 2, parameter: 'lang' }] });
  assert.deepEqual([(await scan('wapiti')).state, (await scanner('wapiti')).opened], ['done', 1]);
  await wapiti({});
  assert.deepEqual([(await scan('wapiti')).state, (await scanner('wapiti')).findings], ['done', 0]);
  const { findings } = await system.assurance.findings.list({ state: 'all', source: 'Wapiti', most: 5 });
  assert.deepEqual(findings.map(({ state }) => state), ['ready for retest']);
  await program('wapiti', `while [ "$1" != -o ]; do shift; done\necho '${report({}).replace('"crawled_pages_nbr":3', '"crawled_pages_nbr": 0')}' > "$2"`);
  assert.equal((await scan('wapiti')).state, 'invalid', 'it saw no page');
  await system.assurance.arms.end(BY, arm);
}); // prettier-ignore

test('one that attacks is not begun any more when arms ended while others ran', async () => {
  const [file, go] = [join(folder, 'attacked'), join(folder, 'go-on')];
  await program('nmap', `while [ ! -e ${go} ]; do sleep 0.05; done\n${PORT}\necho '${xml('@', 'open')}' | sed "s/@/$port/"`);
  await program('ffuf', `touch ${file}`);
  const arm = await armed();
  await system.assurance.scans.begin(BY, ['nmap', 'ffuf']);
  await system.assurance.arms.end(BY, arm);
  await writeFile(go, '');
  await system.assurance.scans.settled();
  assert.deepEqual([existsSync(file), (await scanner('ffuf')).state], [false, 'not armed']);
  await rm(join(folder, 'ffuf'));
}); // prettier-ignore

test('one that attacks ends when its arms do, with all that it started', { timeout: 180_000 }, async () => {
  const file = join(folder, 'started-4');
  await program('ffuf', `${LEAVES_ONE(file)}; wait`);
  const arm = await armed();
  await system.assurance.scans.begin(BY, ['ffuf']);
  const pid = await pidIn(file);
  await system.assurance.arms.end(BY, arm);
  await system.assurance.scans.settled();
  await gone(pid);
  assert.deepEqual([(await scanner('ffuf')).state, (await scanner('ffuf')).because], ['not armed', 'it was stopped']);
  await rm(join(folder, 'ffuf'));
}); // prettier-ignore

test('one that attacks runs where attacks are armed; one that looks at TLS where there is some', async () => {
  await program('ffuf', 'exit 0');
  await program('sslscan', 'exit 0');
  assert.deepEqual([(await scanner('ffuf')).state, (await scanner('sslscan')).state], ['not armed', 'no TLS']);
  await assert.rejects(system.assurance.scans.begin(BY, ['ffuf']), refused('NOT_ARMED'));
  await assert.rejects(system.assurance.scans.begin(BY, ['sslscan']), refused('SCANNER_NOT_HERE'));
});

for (const [what, beat, began, state] of [
  ['of a server that was killed is invalid to the next one', '2 minutes', '3 minutes', 'invalid'],
  ['of a server that was killed while the clock ran ahead is so too', '-1 year', '3 minutes', 'invalid'],
  ['of an older server, which does not say that it goes on, is so after an hour', null, '2 hours', 'invalid'],
  ['that goes on is let go on', '5 seconds', '2 hours', 'running'],
  ['of an older server that may go on too', null, '30 minutes', 'running'],
] as const)
  test(`a scan ${what}`, async () => {
    const id = uuidv7(Date.now());
    await system.db`insert into assurance.scans (scan_id, scanner, state, asked_by, started_at, beat_at) values (${id}, 'lynis', 'running', 'assurance', now() - ${began}::interval, now() - ${beat}::interval)`;
    await system.assurance.scans.tick();
    const [row] = await system.db<{ state: string; because: string }[]>`select state, because from assurance.scans where scan_id = ${id}`;
    await system.db`update assurance.scans set state = 'invalid' where scan_id = ${id}`;
    const ends = (await entriesOf(system)).filter(({ action, detail }) => action === 'assurance.scan.end' && detail['scan'] === publicId('scan', id));
    assert.deepEqual([row?.state, row?.because, ends.map(({ outcome }) => outcome)], state === 'invalid' ? [state, 'its server is gone', ['failed']] : [state, '', []]);
  }); // prettier-ignore

test('one that was given up, while its server only could not say that it goes on, ends there too', { timeout: 180_000 }, async () => {
  const file = join(folder, 'started-5');
  await program('nmap', `${LEAVES_ONE(file)}; wait`);
  await system.assurance.scans.begin(BY, ['nmap']);
  const pid = await pidIn(file);
  await system.db`update assurance.scans set beat_at = now() - interval '2 minutes' where state = 'running'`;
  await system.assurance.scans.tick();
  await system.assurance.scans.settled();
  await gone(pid);
  assert.deepEqual([(await scanner('nmap')).state, (await scanner('nmap')).because], ['invalid', 'its server is gone']);
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

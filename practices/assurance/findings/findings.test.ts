import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findingsWorld, type FindingsWorld } from '../testing.ts';

const [A, B] = ['AUTHN-01', 'AUTHN-02'];
const all = async (world: FindingsWorld) => (await world.findings.list({ state: 'all', most: 100 })).findings;
const only = async (world: FindingsWorld) => {
  const [first, ...more] = await all(world);
  assert.ok(first !== undefined && more.length === 0, `${more.length + 1} findings`);
  return world.findings.get(first.id);
};
const csv = (...rows: string[]): Uint8Array =>
  Buffer.from(['title,severity,asset,place,rule,tool', ...rows, ''].join('\n'));
const refused = (code: string) => ({ code: `ASSURANCE_${code}` });

test('a test that fails opens a finding once; only that test closes it, and nothing else does', async (t) => {
  const world = await findingsWorld(t);
  await world.run({ [A]: 'fail', [B]: 'pass' });
  await world.run({ [A]: 'fail' });
  const opened = await only(world);
  assert.deepEqual([opened.state, opened.testId, opened.seen, opened.severity], ['new', A, 2, 'critical']);
  assert.deepEqual(opened.can, ['triage', 'start', 'ready', 'accept', 'judge']);
  for (const move of ['fixed', 'not-affected', 'false-positive', 'duplicate'] as const)
    await assert.rejects(world.findings.change(world.by('ada'), opened.id, { version: opened.version, note: 'x', move, justification: 'component_not_present', anchor: '1' }), refused('WRONG_STATE'));

  const ready = await world.findings.change(world.by('ada'), opened.id, { version: opened.version, note: 'mended', move: 'ready' });
  await assert.rejects(world.findings.change(world.by('ada'), opened.id, { version: ready.version, note: 'x', move: 'fixed' }), refused('WRONG_STATE'));
  await world.run({ [A]: 'invalid', [B]: 'pass' });
  assert.equal((await only(world)).state, 'ready for retest', 'invalid says nothing');
  await world.run({ [A]: 'fail' });
  assert.equal((await only(world)).state, 'in progress', 'seen again: not mended');
  await world.run({ [A]: 'pass' }, { state: 'failed' });
  assert.equal((await only(world)).state, 'in progress', 'a run that nobody signed closes nothing');
  await world.run({ [A]: 'pass' });
  const fixed = await only(world);
  assert.equal(fixed.state, 'verified fixed');
  assert.deepEqual(fixed.events.map(({ what }) => what), ['opened', 'ready', 'came back', 'the test passed']);
  assert.deepEqual(world.logged.map(({ action }) => action), ['assurance.finding.seen', 'assurance.finding.ready', 'assurance.finding.seen', 'assurance.finding.move']);
}); // prettier-ignore

test('what a report says in the words of a control test hides nothing that the test finds, and changes nothing of it', async (t) => {
  const world = await findingsWorld(t);
  const by = world.by('ada');
  const words = { bytes: csv(`Harmless,low,strongroom,access,${A},scanner`) };
  await world.reports.take(by, words);
  const reported = await only(world);
  await world.findings.change(by, reported.id, { version: reported.version, note: 'looked at', move: 'false-positive' });

  await world.run({ [A]: 'fail' });
  const found = await only(world);
  assert.deepEqual([found.state, found.testId, found.source, found.severity], ['new', A, 'control test', 'critical']);
  assert.deepEqual(found.can, ['triage', 'start', 'ready', 'accept', 'judge']);
  assert.equal(world.alarms.length, 1);

  await world.reports.take(by, words);
  assert.deepEqual(await only(world), found);
  await world.run({ [A]: 'pass' });
  await world.reports.take(by, words);
  assert.equal((await only(world)).state, 'verified fixed');
}); // prettier-ignore

test('one that comes back within 90 days keeps its first day and its deadline; later it is a new one', async (t) => {
  const world = await findingsWorld(t);
  await world.run({ [A]: 'fail' });
  const first = await only(world);
  world.later(1);
  await world.run({ [A]: 'pass' });
  world.later(89);
  await world.run({ [A]: 'fail' });
  const soon = await only(world);
  assert.deepEqual([soon.state, soon.firstSeenAt, soon.dueAt, soon.reopened, soon.overdue], ['new', first.firstSeenAt, first.dueAt, 1, true]);

  await world.run({ [A]: 'pass' });
  world.later(91);
  await world.run({ [A]: 'fail' });
  const late = await only(world);
  assert.deepEqual([late.firstSeenAt, late.reopened], [world.clock().toISOString(), 2]);
  assert.ok(late.dueAt > soon.dueAt);
}); // prettier-ignore

test('what was stopped and not noticed is a finding of a lesser kind; a clock that is set back closes and postpones nothing', async (t) => {
  const world = await findingsWorld(t);
  await world.run({ [A]: 'fail' }, { prevented: 'yes' });
  const unseen = await only(world);
  assert.equal(unseen.severity, 'medium');
  world.at('2026-11-20T03:00:00Z');
  await world.run({ [A]: 'fail' });
  const worse = await only(world);
  assert.deepEqual(
    [worse.severity, worse.lastSeenAt, worse.firstSeenAt],
    ['critical', unseen.lastSeenAt, unseen.firstSeenAt],
  );
  assert.ok(worse.dueAt < unseen.dueAt);
});

test('to live with a finding takes two people, something in its place and a day; then it is open again', async (t) => {
  const world = await findingsWorld(t);
  await world.run({ [A]: 'fail' });
  const { id, version } = await only(world);
  const wanted = { version, days: 30, control: 'the route is closed at the proxy', reason: 'the release is in a month' };
  await assert.rejects(world.findings.propose(world.by('ada'), id, { ...wanted, days: 181 }), refused('TOO_LONG'));
  await assert.rejects(world.findings.propose(world.by('ada'), id, { ...wanted, control: ' ' }), refused('REASON_NEEDED'));
  const proposed = await world.findings.propose(world.by('ada'), id, wanted);
  assert.equal(proposed.state, 'new', 'proposed is not accepted');
  const approve = (name: string, read: { version: number }) => world.findings.decide(world.by(name), id, { version: read.version, verdict: 'approved', note: '' });
  await assert.rejects(approve('ada', proposed), refused('SAME_PERSON'));
  const { person: _, ...key } = world.by('key_1');
  await assert.rejects(world.findings.decide(key, id, { version: proposed.version, verdict: 'approved', note: '' }), refused('PERSON_NEEDED'));
  const accepted = await approve('bob', proposed);
  assert.equal(accepted.state, 'accepted');
  await assert.rejects(approve('cyn', accepted), refused('WRONG_STATE'));

  world.later(29);
  await world.findings.tick();
  await world.run({ [A]: 'fail' });
  assert.equal((await only(world)).state, 'accepted');
  world.later(1);
  await world.findings.tick();
  const again = await only(world);
  assert.deepEqual([again.state, again.acceptedUntil], ['triaged', null]);
  assert.ok(again.overdue, 'its deadline did not wait');
}); // prettier-ignore

test('what two people accepted is not accepted when it becomes worse, before and after they did', async (t) => {
  const world = await findingsWorld(t);
  await world.run({ [A]: 'fail' }, { prevented: 'yes' });
  const { id, version } = await only(world);
  const wanted = { days: 30, control: 'c', reason: 'r' };
  await world.findings.propose(world.by('ada'), id, { ...wanted, version });
  await world.run({ [A]: 'fail' });
  const worse = await only(world);
  await assert.rejects(world.findings.decide(world.by('bob'), id, { version: worse.version, verdict: 'approved', note: '' }), refused('WRONG_STATE'));

  const other = await findingsWorld(t);
  await other.run({ [A]: 'fail' }, { prevented: 'yes' });
  const found = await only(other);
  const proposed = await other.findings.propose(other.by('ada'), found.id, { ...wanted, version: found.version });
  await other.findings.decide(other.by('bob'), found.id, { version: proposed.version, verdict: 'approved', note: '' });
  await other.run({ [A]: 'fail' });
  assert.equal((await only(other)).state, 'new');
}); // prettier-ignore

test('two who change one finding at once: the second is told, and nothing is lost', async (t) => {
  const world = await findingsWorld(t);
  await world.run({ [A]: 'fail' });
  const { id, version } = await only(world);
  const change = (note: string) => world.findings.change(world.by('ada'), id, { version, note, owner: 'per_1' });
  const ended = await Promise.allSettled([change('one'), change('two'), change('three')]);
  assert.equal(ended.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.ok(
    ended.every(
      (each) => each.status === 'fulfilled' || (each.reason as { code: string }).code === 'ASSURANCE_CHANGED',
    ),
  );
  assert.equal((await only(world)).events.length, 2);
});

test('an overdue critical finding is told of once, and again when it comes back', async (t) => {
  const world = await findingsWorld(t);
  await world.run({ [A]: 'fail' });
  await world.findings.tick();
  const told = () => world.logged.filter(({ action }) => action === 'assurance.finding.overdue').length;
  assert.equal(told(), 0);
  world.later(4);
  await Promise.all([world.findings.tick(), world.findings.tick()]);
  await world.findings.tick();
  assert.equal(told(), 1);
  assert.ok(world.alarms.some((says) => says.startsWith('ALARM')));
  await world.run({ [A]: 'pass' });
  await world.run({ [A]: 'fail' });
  await world.findings.tick();
  assert.equal(told(), 2);
});

test('a scan repeated finds what it found; what it names no more waits for a retest, and only of that tool and asset', async (t) => {
  const world = await findingsWorld(t);
  const by = world.by('ada');
  const [one, two, other] = ['Telnet,high,web,tcp/23,r:1,nmap', 'FTP,low,web,tcp/21,r:2,nmap', 'Telnet,high,db,tcp/23,r:1,nmap'];
  const first = await world.reports.take(by, { bytes: csv(one, two, other) });
  assert.deepEqual([first.findings, first.opened, first.retest, first.source], [3, 3, 0, 'nmap']);
  const again = await world.reports.take(by, { bytes: csv(one, two, other) });
  assert.deepEqual([again.opened, again.reopened, again.retest], [0, 0, 0]);
  assert.equal((await all(world)).length, 3);

  const gone = await world.reports.take(by, { bytes: csv(one) });
  assert.equal(gone.retest, 1);
  assert.deepEqual((await all(world)).map(({ asset, place, state }) => `${asset} ${place} ${state}`).toSorted(), ['db tcp/23 new', 'web tcp/21 ready for retest', 'web tcp/23 new']);
  await world.reports.take(by, { bytes: csv('x,low,web,y,z:1,zap') });
  assert.equal((await all(world)).filter(({ state }) => state === 'ready for retest').length, 1, 'another tool says nothing of it');
  const back = await world.reports.take(by, { bytes: csv(one, two) });
  assert.equal(back.reopened, 1);
  const entries = world.logged.filter(({ action }) => action === 'assurance.report.take');
  assert.equal(entries.length, 5);
  await assert.rejects(world.reports.take(by, { bytes: Buffer.from('{"half":') }), (thrown: { code: string }) => thrown.code.startsWith('ASSURANCE_IMPORT_'));
}); // prettier-ignore

test('the ways aside each ask for what makes them more than a word, and end when that does not hold', async (t) => {
  const world = await findingsWorld(t);
  const by = world.by('ada');
  await world.reports.take(by, { bytes: csv('Telnet,high,web,tcp/23,r:1,nmap', 'FTP,low,web,tcp/21,r:2,nmap') });
  const [telnet, ftp] = await all(world);
  assert.ok(telnet !== undefined && ftp !== undefined);
  const change = async (id: string, more: object) => world.findings.change(by, id, { version: (await world.findings.get(id)).version, note: '', ...more });
  await assert.rejects(change(telnet.id, { move: 'false-positive' }), refused('REASON_NEEDED'));
  await assert.rejects(change(telnet.id, { move: 'not-affected', note: 'x', justification: 'component_not_present' }), refused('REASON_NEEDED'));
  await assert.rejects(change(telnet.id, { move: 'not-affected', note: 'x', anchor: '1.0' }), refused('REASON_NEEDED'));
  await assert.rejects(change(telnet.id, { move: 'duplicate', duplicateOf: telnet.id }), refused('WRONG_STATE'));
  await assert.rejects(change(telnet.id, { severity: 'low' }), refused('REASON_NEEDED'));
  await assert.rejects(change(telnet.id, { move: 'fixed', note: 'x' }), refused('WRONG_STATE'), 'nobody tried it again');

  await change(ftp.id, { move: 'duplicate', duplicateOf: telnet.id });
  await assert.rejects(change(telnet.id, { move: 'duplicate', duplicateOf: ftp.id }), refused('WRONG_STATE'), 'two that lead to each other');
  await change(telnet.id, { move: 'ready' });
  await change(telnet.id, { move: 'fixed', note: 'port 23 is closed: nmap -p 23' });
  await world.reports.take(by, { bytes: csv('FTP,low,web,tcp/21,r:2,nmap') });
  assert.equal((await world.findings.get(ftp.id)).state, 'new', 'its original is closed, and it is still seen');
  const judged = await change(ftp.id, { severity: 'critical', note: 'it holds backups' });
  assert.equal(Date.parse(judged.dueAt) - Date.parse(judged.firstSeenAt), 3 * 86_400_000);
}); // prettier-ignore

const lock = (version: string): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      lockfileVersion: 3,
      packages: { '': {}, 'node_modules/ws': { version }, 'node_modules/quiet': { version: '1.0.0' } },
    }),
  );
const record = (id: string, more: object = {}): object => ({
  id, modified: '2026-11-26T00:00:00Z', summary: 'it falls over', aliases: [`CVE-2026-${id.slice(-4)}`],
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H' }],
  affected: [{ package: { ecosystem: 'npm', name: 'ws' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '8.18.0' }] }] }], ...more,
}); // prettier-ignore

test('advisories × parts are findings; an upgrade waits for a retest, KEV shortens the time, a VEX word holds for its version', async (t) => {
  const world = await findingsWorld(t);
  const by = world.by('ada');
  world.parts.list = lock('8.16.0');
  assert.deepEqual((await world.feeds.state()).feeds.map(({ state }) => state), ['missing', 'missing', 'missing']);
  const loaded = await world.feeds.load(by, 'osv', Buffer.from(JSON.stringify([record('GHSA-0001'), record('GHSA-0002', { affected: [{ package: { ecosystem: 'npm', name: 'other' }, versions: ['1.0.0'] }] })])));
  assert.deepEqual([loaded.affected, loaded.parts, loaded.feeds[0]?.records, loaded.feeds[0]?.state], [1, 2, 2, 'fresh']);
  const found = await only(world);
  assert.deepEqual([found.rule, found.place, found.partVersion, found.severity, found.exploited], ['CVE-2026-0001', 'pkg:npm/ws', '8.16.0', 'high', false]);
  assert.match(found.description, /ws 8\.18\.0 mends it/);

  world.later(2);
  await world.feeds.load(by, 'kev', Buffer.from(JSON.stringify({ dateReleased: '2026-11-26T00:00:00Z', vulnerabilities: [{ cveID: 'CVE-2026-0001', dateAdded: '2026-11-26' }] })));
  const listed = await only(world);
  assert.deepEqual([listed.exploited, Date.parse(listed.dueAt) - world.clock().getTime()], [true, 3 * 86_400_000]);

  const vex = await world.findings.change(by, listed.id, { version: listed.version, note: 'we serve no WebSocket', move: 'not-affected', justification: 'vulnerable_code_not_in_execute_path' });
  assert.deepEqual([vex.state, vex.anchor], ['not affected', '8.16.0']);
  world.parts.list = lock('8.17.0');
  await world.feeds.tick();
  assert.equal((await only(world)).state, 'new', 'of 8.17.0 nobody said that');
  world.parts.list = lock('8.18.0');
  await world.feeds.tick();
  assert.equal((await only(world)).state, 'ready for retest');

  await assert.rejects(world.feeds.load(by, 'osv', Buffer.from('[{"id":"x"}]')), refused('ADVISORY_MALFORMED'));
  assert.equal((await world.feeds.state()).feeds[0]?.records, 2, 'what was there stays');
  world.later(10);
  assert.equal((await world.feeds.state()).feeds[0]?.state, 'stale');
}); // prettier-ignore

test('trouble with runs is a finding; a run that ends well closes what said that one did not', async (t) => {
  const world = await findingsWorld(t);
  await world.ofRuns.onTrouble('assurance.run', 'it ended as failed');
  await world.ofRuns.onTrouble('assurance.cleanup', 'three keys are left');
  await world.run({ [A]: 'pass' }, { state: 'stopped' });
  assert.deepEqual((await all(world)).map(({ state }) => state), ['new', 'new']);
  await world.run({ [A]: 'pass' });
  assert.deepEqual((await all(world)).map(({ rule, state }) => `${rule} ${state}`).toSorted(), ['assurance.cleanup new', 'assurance.run verified fixed']);
}); // prettier-ignore

test('pages of the list hold each finding once, the one that is due first', async (t) => {
  const world = await findingsWorld(t);
  await world.reports.take(world.by('ada'), { bytes: csv(...Array.from({ length: 25 }, (_, n) => `t${n},${n % 2 === 0 ? 'low' : 'high'},web,p${n},r:${n},nmap`)) });
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await world.findings.list({ most: 10, ...(after === undefined ? {} : { after }) });
    seen.push(...page.findings.map(({ id }) => id));
    after = page.next ?? undefined;
  } while (after !== undefined);
  assert.equal(new Set(seen).size, 25);
  assert.equal(seen.length, 25);
  await assert.rejects(world.findings.list({ most: 10, after: 'x.fnd_0' }), refused('NOT_FOUND'));
}); // prettier-ignore

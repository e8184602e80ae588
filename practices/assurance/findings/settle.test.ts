import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findingsWorld, type FindingsWorld } from '../testing.ts';
import { about, both, NOT, openVex, osv, parts, PURL } from './vex-sample.ts';

const all = async (world: FindingsWorld) => (await world.findings.list({ state: 'all', most: 100 })).findings;

/** One finding of an advisory, which goes by its CVE. */
async function found(world: FindingsWorld, version = '1.2.3') {
  world.parts.list = parts(version);
  await world.feeds.load(world.by('ada'), 'osv', osv);
  const [first] = await all(world);
  assert.deepEqual([first?.rule, first?.state], ['CVE-2026-0001', 'new']);
  return first?.id as string;
}

test('VEX says of one version that it is not affected, by any name of the weakness; of the next version nothing is said', async (t) => {
  const world = await findingsWorld(t);
  const id = await found(world);

  const settled = await world.settle(world.by('ada'), openVex(about('1.2.3', NOT)));

  assert.deepEqual(settled, { statements: 1, notAffected: [id], retest: [], reopened: [], unmatched: 0, refused: [] });
  const one = await world.findings.get(id);
  assert.deepEqual([one.state, one.anchor, one.reason], ['not affected', '1.2.3', 'vulnerable_code_not_in_execute_path']);
  assert.deepEqual(world.logged.at(-1), { action: 'assurance.finding.vex', actor: world.by('ada').actor, outcome: 'done', requestId: 'asked-1', detail: { finding: id, from: 'new', to: 'not affected' } });

  assert.deepEqual(world.logged.at(-2)?.action, 'assurance.vex.take');

  await found2(world, '1.2.4');
  assert.equal((await world.findings.get(id)).state, 'new', 'it is another version now');
}); // prettier-ignore

async function found2(world: FindingsWorld, version: string): Promise<void> {
  world.parts.list = parts(version);
  await world.feeds.tick();
}

test('of another version, without a version or without a reason nothing moves, and it is said', async (t) => {
  const world = await findingsWorld(t);
  const id = await found(world);

  const settled = await world.settle(world.by('ada'), openVex(
    about('1.2.2', NOT), about('1.2.3', { status: 'not_affected' }), { ...about('1', NOT), products: [{ '@id': PURL }] },
    { ...about('1.2.3', NOT), vulnerability: { name: 'CVE-2026-9999' } },
  ));

  assert.deepEqual([settled.statements, settled.unmatched, settled.refused.length, settled.notAffected], [2, 2, 2, []]);
  assert.equal((await world.findings.get(id)).state, 'new');
}); // prettier-ignore

test('that it is looked into anew opens what was set aside, as it does for what is found later', async (t) => {
  const world = await findingsWorld(t);
  const id = await found(world);
  await world.settle(world.by('ada'), openVex(about('1.2.3', NOT)));

  const settled = await world.settle(world.by('ada'), openVex(about('1.2.3', { status: 'under_investigation' })));

  assert.deepEqual([settled.reopened, (await world.findings.get(id)).state], [[id], 'triaged']);
});

test('what is said to be fixed waits for a retest; what is affected after all is open again; the last statement holds', async (t) => {
  const world = await findingsWorld(t);
  const id = await found(world);

  const fixed = await world.settle(world.by('ada'), openVex(about('1.2.3', { status: 'fixed' })));
  assert.deepEqual([fixed.retest, (await world.findings.get(id)).state], [[id], 'ready for retest']);
  await world.settle(world.by('ada'), openVex(about('1.2.3', NOT)));
  const after = await world.settle(world.by('ada'), openVex(about('1.2.3', { status: 'affected' })));
  assert.deepEqual([after.reopened, (await world.findings.get(id)).state], [[id], 'triaged']);
  const both = await world.settle(world.by('ada'), openVex(
    about('1.2.3', { status: 'affected', timestamp: '2026-11-27T02:00:00Z' }), about('1.2.3', { ...NOT, timestamp: '2026-11-27T01:00:00Z' }),
  ));
  assert.deepEqual([both.notAffected, both.reopened, (await world.findings.get(id)).state], [[], [id], 'triaged']);
}); // prettier-ignore

test('CycloneDX says it too; what a control test found is moved by no statement', async (t) => {
  const world = await findingsWorld(t);
  const id = await found(world);
  await world.run({ 'AUTHN-01': 'fail' });
  const vex = { bomFormat: 'CycloneDX', specVersion: '1.6', vulnerabilities: [
    { id: 'CVE-2026-0001', analysis: { state: 'not_affected', justification: 'code_not_reachable' }, affects: [{ ref: `${PURL}@1.2.3` }] },
    { id: 'AUTHN-01', analysis: { state: 'not_affected', justification: 'code_not_reachable' }, affects: [{ ref: `${PURL}@1.2.3` }] },
  ] };

  const settled = await world.settle(world.by('ada'), Buffer.from(JSON.stringify(vex)));

  assert.deepEqual([settled.notAffected, settled.unmatched], [[id], 1]);
  assert.equal((await all(world)).find(({ testId }) => testId === 'AUTHN-01')?.state, 'new');
  await assert.rejects(world.settle(world.by('ada'), Buffer.from('{}')), { code: 'ASSURANCE_ADVISORY_MALFORMED' });
}); // prettier-ignore

test('what is said of one version hides no other one that is here too; once it is said of each, it ends', async (t) => {
  const world = await findingsWorld(t);
  world.parts.list = both('1.2.3', '1.3.0');
  await world.feeds.load(world.by('ada'), 'osv', osv);
  const [{ id } = { id: '' }, ...more] = await all(world);
  assert.equal(more.length, 0);
  for (const [version, state] of [['1.3.0', 'new'], ['1.2.3', 'not affected']] as const) {
    const settled = await world.settle(world.by('ada'), openVex(about(version, NOT)));
    assert.deepEqual([settled.unmatched, settled.notAffected.length, settled.reopened.length], [0, state === 'new' ? 0 : 1, state === 'new' ? 1 : 0]);
    assert.equal((await world.findings.get(id)).state, state, version);
  }
  // a third one
  world.parts.list = both('1.2.3', '1.3.0', '2.0.0');
  await world.feeds.tick();
  assert.equal((await world.findings.get(id)).state, 'new');
  // by hand
  const open = await world.findings.get(id);
  const moved = await world.findings.change(world.by('ada'), id, { version: open.version, move: 'not-affected', justification: 'component_not_present', note: 'looked', anchor: '2.0.0' });
  assert.deepEqual([moved.state, moved.anchor], ['not affected', '1.3.0, 1.2.3, 2.0.0']);
  await world.settle(world.by('ada'), openVex(about('1.3.0', { status: 'affected' })));
  const after = await world.findings.get(id);
  assert.deepEqual([after.state, after.anchor], ['triaged', '1.2.3, 2.0.0']);
}); // prettier-ignore

test('moved aside by hand for one version, it is open again for the other one', async (t) => {
  const world = await findingsWorld(t);
  world.parts.list = both('1.2.3', '1.3.0');
  await world.feeds.load(world.by('ada'), 'osv', osv);
  const [one] = await all(world);
  assert.ok(one !== undefined);
  const moved = await world.findings.change(world.by('ada'), one.id, { version: one.version, move: 'not-affected', justification: 'component_not_present', note: 'looked' });
  assert.equal(moved.state, 'new');
}); // prettier-ignore

test('thousands of statements hold the log for a hundred at a time, and the last of all about one still holds', async (t) => {
  const world = await findingsWorld(t);
  const id = await found(world);
  const filler = Array.from({ length: 250 }, (_, n) => ({ ...about('1.2.3', NOT), vulnerability: { name: `CVE-2020-${1000 + n}` } }));
  const settled = await world.settle(world.by('ada'), openVex(about('1.2.3', NOT), ...filler, about('1.2.3', { status: 'affected' })));
  assert.deepEqual([settled.statements, settled.unmatched, settled.notAffected, settled.reopened], [252, 250, [], [id]]);
}); // prettier-ignore

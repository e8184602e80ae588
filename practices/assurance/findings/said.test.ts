import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findingsWorld, type FindingsWorld } from '../testing.ts';
import { about, both, NOT, openVex, osv, parts, PURL } from './vex-sample.ts';

const AFFECTED = { status: 'affected' };
const say = (world: FindingsWorld, ...statements: readonly object[]) => world.settle(world.by('ada'), openVex(...statements)); // prettier-ignore
/** The part comes, and the records with it. */
async function comes(world: FindingsWorld, list: Uint8Array) {
  world.parts.list = list;
  await world.feeds.load(world.by('ada'), 'osv', osv);
  await world.feeds.tick();
  return only(world);
}
async function only(world: FindingsWorld) {
  const [first, ...more] = (await world.findings.list({ state: 'all', most: 10 })).findings;
  assert.ok(first !== undefined && more.length === 0);
  return world.findings.get(first.id);
}

test('what was said of a version before anybody found it holds from the first moment on, by any name of the weakness', async (t) => {
  const world = await findingsWorld(t);
  const settled = await say(world, about('1.2.3', NOT));
  assert.deepEqual([settled.statements, settled.unmatched], [1, 1]);
  const taken = world.logged.at(-1) as { action: string; actor?: unknown; detail?: Record<string, unknown> };
  assert.deepEqual([taken.action, taken.actor, taken.detail?.['unmatched']], ['assurance.vex.take', world.by('ada').actor, 1], 'the log names who said it'); // prettier-ignore

  const one = await comes(world, parts('1.2.3'));

  assert.deepEqual([one.rule, one.state, one.anchor, one.reason], ['CVE-2026-0001', 'not affected', '1.2.3', NOT.justification]); // prettier-ignore
  assert.deepEqual(one.events.map(({ what, to }) => `${what} ${to ?? ''}`), ['opened new', 'vex not affected']); // prettier-ignore
  assert.deepEqual(await world.feeds.grave(), [], 'nobody has to answer for it');
  assert.equal(world.logged.at(-1)?.action, 'assurance.finding.move');
  assert.match(one.events.at(-1)?.note ?? '', /^said by .*ada.* before it was found: /);
});

test('of another version, or of another part, it says nothing', async (t) => {
  const world = await findingsWorld(t);
  await say(world, about('1.2.2', NOT), { ...about('1.2.3', NOT), products: [{ '@id': 'pkg:npm/other@1.2.3' }] }, { ...about('1.2.3', NOT), vulnerability: { name: 'CVE-2026-0002' } }); // prettier-ignore

  assert.equal((await comes(world, parts('1.2.3'))).state, 'new');
});

test('a newer statement takes it back: before it is found, and after', async (t) => {
  const world = await findingsWorld(t);
  await say(world, about('1.2.3', { ...NOT, timestamp: '2026-11-27T01:00:00Z' }));
  await say(world, about('1.2.3', { ...AFFECTED, timestamp: '2026-11-27T02:00:00Z' }));
  assert.equal((await comes(world, parts('1.2.3'))).state, 'new');

  const other = await findingsWorld(t);
  await say(other, about('1.2.3', { ...NOT, timestamp: '2026-11-27T01:00:00Z' }));
  assert.equal((await comes(other, parts('1.2.3'))).state, 'not affected');
  await say(other, about('1.2.3', { ...AFFECTED, timestamp: '2026-11-27T02:00:00Z' }));
  assert.equal((await only(other)).state, 'triaged');
});

test('an older statement that comes late, and one from the future, undo nothing that is newer', async (t) => {
  const world = await findingsWorld(t);
  await say(world, about('1.2.3', { ...AFFECTED, timestamp: '2026-11-27T02:00:00Z' }));

  const late = await say(world, about('1.2.3', { ...NOT, timestamp: '2026-11-27T01:00:00Z' }));

  assert.deepEqual([late.statements, late.refused], [0, [`GHSA-aaaa-bbbb-cccc about ${PURL}@1.2.3 is older than what was said of it since`]]); // prettier-ignore
  assert.equal((await comes(world, parts('1.2.3'))).state, 'new');
  await say(world, about('1.2.3', { ...NOT, timestamp: '2099-01-01T00:00:00Z' }));
  assert.equal((await only(world)).state, 'not affected');
  world.later(1);
  await say(world, about('1.2.3', { ...AFFECTED, timestamp: '2026-11-28T01:00:00Z' }));
  assert.equal((await only(world)).state, 'triaged', 'what is said for 2099 was said when it came');
});

test('what somebody opens again by hand stays open, also when the same is said once more or the part comes anew', async (t) => {
  const world = await findingsWorld(t);
  await say(world, about('1.2.3', NOT));
  const { id, version } = await comes(world, parts('1.2.3'));
  await world.findings.change(world.by('bob'), id, { version, note: 'it is in the path', move: 'reopen' });

  await world.feeds.load(world.by('ada'), 'osv', osv);
  assert.equal((await only(world)).state, 'triaged');
  assert.equal((await say(world, about('1.2.3', NOT))).refused.length, 1);
  assert.equal((await only(world)).state, 'triaged');
  // gone, mended, and here again
  await world.findings.change(world.by('bob'), id, { version: (await only(world)).version, note: '', move: 'ready' });
  await world.findings.change(world.by('bob'), id, { version: (await only(world)).version, note: 'looked', move: 'fixed' }); // prettier-ignore
  await comes(world, parts('1.2.2'));
  await comes(world, parts('1.2.3'));
  assert.notEqual((await only(world)).state, 'not affected');
});

test('of several versions that are here it holds once it was said of each: one finding stands for all of them', async (t) => {
  const world = await findingsWorld(t);
  await say(world, about('1.3.0', NOT), about('1.2.3', NOT));
  const all = await comes(world, both('1.2.3', '1.3.0'));
  assert.deepEqual([all.state, all.anchor?.split(', ').toSorted()], ['not affected', ['1.2.3', '1.3.0']]);

  world.parts.list = both('1.2.3', '1.3.0', '2.0.0');
  await world.feeds.tick();
  assert.equal((await only(world)).state, 'new', 'of 2.0.0 nothing was said');
  const settled = await say(world, about('2.0.0', NOT));
  assert.deepEqual([settled.notAffected.length, (await only(world)).state], [1, 'not affected']);

  const half = await findingsWorld(t);
  await say(half, about('1.3.0', NOT));
  assert.equal((await comes(half, both('1.2.3', '1.3.0'))).state, 'new');
});

test('a version that comes in the place of another is not affected where that was said of it before', async (t) => {
  const world = await findingsWorld(t);
  await say(world, about('1.2.3', NOT), about('1.2.4', NOT), about('1.2.5', { status: 'fixed' }));
  await comes(world, parts('1.2.3'));

  const next = await comes(world, parts('1.2.4'));
  assert.deepEqual([next.state, next.anchor], ['not affected', '1.2.3, 1.2.4']);
  assert.equal(
    (await comes(world, parts('1.2.5'))).state,
    'ready for retest',
    'said to be fixed, and a record says it is not',
  );
});

test('opened again by hand, it is so by every name of the weakness, and by a clock that is behind', async (t) => {
  const world = await findingsWorld(t);
  await say(world, { ...about('1.2.3', NOT), vulnerability: { name: 'CVE-2026-0001' } });
  const one = await comes(world, parts('1.2.3'));
  assert.equal(one.state, 'not affected');
  world.later(-0.01);
  await world.findings.change(world.by('ada'), one.id, {
    version: one.version,
    move: 'reopen',
    note: 'it is reached after all',
  });
  const names = await world.db<
    { name: string; status: string }[]
  >`select name, status from assurance.said order by name`;
  assert.ok(names.length > 1, 'its alias too');
  assert.deepEqual([...new Set(names.map(({ status }) => status))], ['affected']);
});

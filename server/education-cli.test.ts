/** The command line as people use it: a drill with a key of one's own, a mail of an exercise that two change, a yes to exports, a course of parts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { courseZip, TWO } from './testing-courses.ts';
import { PURPOSE, staffedSystems, type Staffed } from './testing-education.ts';
import { comeIn, type Json } from './testing.ts';

let world: Staffed;
let folder: string;
before(async () => {
  world = await staffedSystems();
  folder = mkdtempSync(join(tmpdir(), 'sr-cli-'));
});
after(async () => {
  await world.two.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Each of somebody else, who made it: it acts for them. */
async function ownKey(role: string): Promise<string> {
  const somebody = await world.somebody(['admin'], comeIn);
  const made = await world.two.call('POST', '/v1/access/keys', {
    cookie: somebody.cookie,
    body: { name: 'cli', role },
  });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.key as string;
}
const run = (key: string, noun: string, ...args: string[]) => world.two.command(args, { noun, key });
async function json(key: string, noun: string, ...args: string[]): Promise<Json> {
  const { code, out, err } = await run(key, noun, ...args, '--json');
  assert.equal(code, 0, `${args.join(' ')}: ${err}`);
  return JSON.parse(out) as Json;
}

test('somebody of support plays a drill with a key of their own, from what there is to the report', async () => {
  const key = await ownKey('support');
  const drill = (...args: string[]) => json(key, 'education', 'drills', ...args);
  const texts = await run(key, 'education', 'drills', 'texts');
  assert.equal(texts.code, 0, texts.err);
  assert.match(texts.out, /wrong-list/);
  assert.equal((await run(key, 'education', 'drills', 'list')).code, 3, 'of everybody: who keeps the training');
  const { id } = await drill('begin', 'wrong-list');
  assert.match((await run(key, 'education', 'drills', 'mine')).out, new RegExp(`DRILL ${id} +running`));
  let seen = await drill('join', id as string);
  assert.equal(seen.isIn, true);
  const last = await run(key, 'education', 'drills', 'decide', id as string, 'x', 'first');
  assert.equal(last.code, 2, 'an option is its number');
  for (let turn = 0; seen.score === null && turn < 30; turn += 1) {
    const open = (seen.injects as Json[]).find(({ decide }) => decide !== null && decide.decided === null);
    if (open !== undefined) seen = await drill('decide', id as string, open.id as string, '0');
    else if (seen.breach !== null && seen.breach.asked.length === 0)
      seen = await drill('scope', id as string, '--actor', seen.breach.actors[0].id as string, '--from', '2026-01-01T00:00:00Z', '--to', seen.beginsAt as string);
    else seen = await drill('next', id as string);
  }
  assert.ok(['passed', 'failed'].includes(seen.state as string), seen.state as string);
  const shown = await run(key, 'education', 'drills', 'show', id as string);
  assert.match(shown.out, /^DRILL: nothing of this has happened[^]*(?:NOT )?PASSED: /);
  assert.equal((await run(key, 'education', 'drills', 'note', id as string, 'call earlier')).code, 0);
  const report = await run(key, 'education', 'drills', 'report', id as string);
  assert.match(report.out, /^# DRILL: [^]*call earlier/);
  assert.equal((await run(await ownKey('support'), 'education', 'drills', 'show', id as string)).code, 3, 'nobody else’s');
}); // prettier-ignore

test('a mail of an exercise is added and changed; on top of a version that is old nothing is saved', async () => {
  const key = await ownKey('dpo');
  const template = (...args: string[]) => run(key, 'education', 'phishing', 'template', ...args);
  const source = await template('source', 'parcel-fee');
  assert.equal(source.code, 0, source.err);
  const file = join(folder, 'mine.md');
  const write = (title: string): void =>
    writeFileSync(file, source.out.replace('id: parcel-fee', 'id: mine').replace(/^title: .*$/m, `title: ${title}`));
  write('One');
  const added = await template('add', file);
  assert.deepEqual([added.code, added.out.trim()], [0, 'mine is at version 1, least'], added.err);
  assert.equal((await template('add', file)).code, 1, 'taken');
  write('Two');
  assert.match((await template('change', 'mine', '--version', '1', file)).out, /mine is at version 2/);
  write('Late');
  const late = await template('change', 'mine', '--version', '1', file);
  assert.equal(late.code, 1);
  assert.match(late.err, /EDUCATION_TEMPLATE_STALE/);
  assert.match((await template('source', 'mine')).out, /^title: Two$/m);
  write('Your salary');
  const hurts = await template('try', file);
  assert.equal(hurts.code, 1);
  assert.match(hurts.err, /plays on what hurts/);
  assert.match((await template('retire', 'mine', '--version', '2')).out, /mine is retired/);
});

test('somebody asks for exports, another says yes; one’s own, and what was answered, nobody says yes to', async () => {
  const [asks, approves] = [await ownKey('support'), await ownKey('security')];
  const asked = await run(asks, 'access', 'export', 'ask', PURPOSE, '--reason', 'the yearly report');
  assert.equal(asked.code, 0, asked.err);
  const id = asked.out.split(' ')[0] as string;
  assert.match(id, /^erq_/);
  assert.match((await run(asks, 'access', 'export', 'mine')).out, new RegExp(`^${id} +pending`));
  assert.equal((await run(asks, 'access', 'export', 'ask', 'buy.now', '--reason', 'x')).code, 1, 'no purpose of the catalogue');
  assert.equal((await run(asks, 'access', 'export', 'approve', id)).code, 3);
  assert.match((await run(approves, 'access', 'export', 'list')).out, new RegExp(id));
  assert.match((await run(approves, 'access', 'export', 'approve', id)).out, /approved .* until /);
  assert.equal((await run(approves, 'access', 'export', 'deny', id)).code, 1);
}); // prettier-ignore

test('a course of parts is taken in, and somebody need not take a part of it: counted from 1, with a reason that cmi5 knows', async () => {
  const [key, learner] = [await ownKey('dpo'), await world.somebody(['support'])];
  const course = (...args: string[]) => run(key, 'education', 'course', ...args);
  const file = join(folder, 'parts.zip');
  writeFileSync(file, courseZip(TWO));
  assert.equal((await course('take', file, '--id', 'fire-parts')).code, 0);
  assert.match((await course('list')).out, /fire-parts +1 +cmi5 +2 files/);
  const waive = (part: string, reason: string) => course('waive', 'fire-parts', part, learner.id, '--reason', reason);
  assert.deepEqual([(await waive('0', 'Tested Out')).code, (await waive('1', 'because')).code], [2, 2]);
  assert.match((await waive('3', 'Tested Out')).err, /EDUCATION_PART_NOT_FOUND/);
  const done = await waive('1', 'tested out');
  assert.deepEqual([done.code, done.out.trim()], [0, 'waived'], done.err);
  assert.match((await waive('1', 'Administrative')).err, /EDUCATION_PART_DONE/);
});

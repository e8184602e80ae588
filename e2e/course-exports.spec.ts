/** A course of ours goes out of the console as SCORM, and as cmi5, comes back in as one made elsewhere, and is passed in our own frame. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { answers, fileServer, unzip } from '#platform/testing';
import type { Frame, Page } from 'playwright-core';

import { freePort } from './free-port.ts';
import { choose, comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let officer: Page;
let learner: Page;
let zip: Buffer;

before(async () => {
  if (skip !== false) return;
  const port = await freePort();
  world = await openWorld({
    STRONGROOM_COURSES_URL: `http://127.0.0.1:${port}`,
    STRONGROOM_COURSES_PORT: String(port),
  });
  officer = await comeInWithPasskey(world, 'Olga', 'dpo');
  learner = await comeInWithPasskey(world, 'Ben', 'support');
});
after(async () => {
  if (skip === false) await world.close();
});

test('an officer takes a course along, after being told that the key goes with it', { skip }, async () => {
  await go(officer, 'Lessons and texts');
  const part = officer.getByRole('region', { name: 'For another learning system' });
  assert.ok(await part.getByRole('button', { name: 'Save it as a file' }).isDisabled());
  await choose(officer, 'Course', 'Mail that wants something from you');
  await part.getByRole('button', { name: 'Save it as a file' }).click();
  const dialog = officer.getByRole('dialog');
  await dialog.getByText('all questions with their right answers are in it').waitFor();
  await looksRight(world, officer, 'course-export');
  const [download] = await Promise.all([
    officer.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save it as a file' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'phishing-scorm12.zip');
  zip = await readFile(await download.path());
  assert.ok(unzip(zip).has('imsmanifest.xml'));
  await officer.getByText('Your browser has the file.').waitFor();
});

test('history leaves the console as xAPI, for one person too', { skip }, async () => {
  await go(officer, 'Training');
  const part = officer.getByRole('region', { name: 'History for another system' });
  const [download] = await Promise.all([
    officer.waitForEvent('download'),
    part.getByRole('button', { name: 'Save the history' }).click(),
  ]);
  const all = JSON.parse(await readFile(await download.path(), 'utf8')) as { actor: { account: object } }[];
  assert.ok(all.length > 0 && all.every(({ actor }) => actor.account !== undefined));
  await looksRight(world, officer, 'history-export');
});

test('who learns has no button for it', { skip }, async () => {
  await learner.goto(`${world.url}/console/texts`);
  await learner.getByText('ACCESS_DENIED').waitFor();
  assert.equal(await learner.getByRole('button', { name: 'Save it as a file' }).count(), 0);
});

/** Of the course, within the player, within the console. */
async function begins(id: string): Promise<Frame> {
  await learner.goto(`${world.url}/console/learn/${id}`);
  await learner.getByRole('button', { name: /^Begin/ }).click();
  await learner
    .frameLocator('iframe.course-frame')
    .frameLocator('#course')
    .locator('html[data-begun=judged]')
    .waitFor();
  const found = learner.frames().find((each) => each.url().endsWith('/c/index.html'));
  assert.ok(found !== undefined);
  return found;
}

test('taken in again it runs in our own frame: failed is failed, and passed is passed', { skip }, async () => {
  const { room } = await world.program('dpo');
  const taken = await room.packages.take('phishing-again', new Uint8Array(zip));
  assert.deepEqual([taken.title, taken.schema], ['Mail that wants something from you', '1.2']);
  const first = await begins('phishing-again');
  await answers(first, 'wrong');
  await first.getByText('0 of 5 are right.').waitFor();
  await first.locator('#leave').click();
  await learner.getByText('The course says that you have not passed.').waitFor();
  const second = await begins('phishing-again');
  await looksRight(world, learner, 'course-export-frame');
  await answers(second, 'right');
  await learner.getByText('The course says that you have passed.').waitFor();
  await go(learner, 'Learn and sign');
  await learner.getByRole('row', { name: /Mail that wants something from you.*by its own account/ }).waitFor();
});

/** A part of cmi5, which has no player around it. */
async function beginsPart(id: string): Promise<Frame> {
  await learner.goto(`${world.url}/console/learn/${id}`);
  await learner.getByRole('button', { name: /^Begin/ }).click();
  await learner.getByRole('button', { name: /^Begin part 1/ }).click();
  await learner.frameLocator('iframe.course-frame').locator('html[data-begun=judged]').waitFor();
  const found = learner.frames().find((each) => each.url().includes('/c/index.html?'));
  assert.ok(found !== undefined);
  return found;
}

test('as cmi5 it is taken in again too, and states to our LRS what it stated to others', { skip }, async () => {
  const { room } = await world.program('dpo');
  const out = await room.trainingExports.course('phishing', 'cmi5');
  const taken = await room.packages.take('phishing-parts', out);
  assert.deepEqual([taken.title, taken.schema, taken.parts], ['Mail that wants something from you', 'cmi5', 1]);
  const first = await beginsPart('phishing-parts');
  await answers(first, 'wrong');
  await first.getByText('0 of 5 are right.').waitFor();
  await first.locator('#leave').click();
  await learner.getByText('not passed', { exact: true }).waitFor();
  const second = await beginsPart('phishing-parts');
  await answers(second, 'right');
  await second.getByText('5 of 5 are right').waitFor();
  await second.locator('#leave').click();
  await learner.getByText('The course says that you have passed.').waitFor();
});

test(
  'its page is whole on a desktop and on a telephone, light and dark, in its parts and its questions',
  { skip },
  async () => {
    const all = unzip(zip);
    // each question there is, whichever are drawn on other days
    const quiz = String(all.get('quiz.js'));
    all.set('quiz.js', Buffer.from(quiz.replace(/"draw": \d+/, `"draw": ${quiz.match(/"asks"/g)?.length ?? 0}`)));
    const files = await fileServer(all);
    const page = await world.window();
    await page.goto(`${files.origin}/index.html`);
    await page.getByText('nothing of it is recorded').waitFor();
    await looksRight(world, page, 'package-begin', 'all');
    for (let part = 0; part < 2; part += 1) await page.locator('#next').click();
    await looksRight(world, page, 'package-part', 'all');
    await answers(page, 'wrong');
    await page.getByText(/^0 of 1\d are right/).waitFor();
    await looksRight(world, page, 'package-graded', 'all');
    files.close();
    assert.deepEqual(world.faults, []);
    assert.deepEqual(
      world.complaints.filter((each) => !each.includes('favicon')),
      [],
    );
  },
);

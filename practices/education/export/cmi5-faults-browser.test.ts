/** A cmi5 package in a real browser, with a learning system that stumbles, and a learner who goes and comes back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { answers } from '#platform/testing';

import { lms, startLms, until, verbs } from '../testing-lms.ts';

let learning: Awaited<ReturnType<typeof startLms>>;
before(async () => {
  learning = await startLms();
});
after(() => learning?.close());

test('a session that was cut off after completed, before that was kept, stands in the way of no later one', async () => {
  lms.own = null;
  lms.wrong = { of: 'statements completed', how: 'silent', times: 1 };
  const cut = await learning.launched();
  await answers(cut, 'wrong');
  await until(() => verbs().includes('completed'), 'completed is told');
  await cut.context().close();
  assert.ok(!(JSON.parse(lms.own ?? '{}') as { completed?: boolean }).completed);
  const page = await learning.launched();
  await answers(page, 'right');
  await until(() => verbs().includes('passed'), 'passed is told');
  await until(() => lms.own?.includes('"completed":true') === true, 'who refuses it has it');
  await page.locator('#leave').click();
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.equal(await page.getByText('did not take the result').count(), 0);
  assert.deepEqual(verbs(), ['initialized', 'passed', 'terminated']);
  await page.context().close();
});

test('a statement whose answer was lost is taken when the learning system says that it is there', async () => {
  lms.own = null;
  lms.wrong = { of: 'statements passed', how: 'lost', times: 1 };
  const page = await learning.launched();
  await answers(page, 'right');
  await until(() => verbs().includes('completed'), 'what comes after is told');
  assert.equal(await page.getByText('did not take the result').count(), 0);
  assert.deepEqual(verbs(), ['initialized', 'passed', 'completed']);
  await page.context().close();
});

test('what was kept is asked for again when the learning system stumbles, and no preference is worth a session', async () => {
  lms.own = JSON.stringify({ place: 2, completed: true, passed: true });
  lms.wrong = { of: 'activities/state strongroom.course', how: 'fails', times: 2 };
  const page = await learning.launched();
  await answers(page, 'wrong');
  await page.getByText('0 of 5 are right.').waitFor();
  await page.locator('#leave').click();
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.deepEqual(verbs(), ['initialized', 'terminated']);
  await page.context().close();
  lms.own = null;
  lms.wrong = { of: 'agents/profile', how: 'cut', times: 9 };
  const other = await learning.launched();
  assert.deepEqual(verbs(), ['initialized']);
  lms.wrong = null;
  await other.context().close();
});

test('who answers before it has begun is lms.told of once it has; a learning system that never answers is said', async () => {
  lms.own = null;
  lms.wrong = { of: 'activities/state LMS.LaunchData', how: 'fails', times: 2 };
  const late = Promise.withResolvers<undefined>();
  const page = await learning.opened({ masteryScore: 0 }, (each) =>
    each.route('**/fetch?*', async (route) => {
      await late.promise;
      await route.continue();
    }),
  );
  await answers(page, 'wrong');
  await page.getByText('Not right').first().waitFor();
  late.resolve(undefined);
  // by the score that the learning system names
  await until(() => verbs().includes('completed'), 'it is told');
  assert.deepEqual(verbs(), ['initialized', 'passed', 'completed']);
  await page.context().close();
  lms.wrong = { of: '/fetch', how: 'silent', times: 1 };
  const never = await learning.opened({}, (each) => each.clock.install());
  await until(() => lms.token !== '', 'it was asked for');
  await answers(never, 'right');
  await never.clock.runFor(11_000);
  await never.getByText('nothing of it is recorded').waitFor();
  await never.getByText('5 of 5 are right.').waitFor();
  assert.deepEqual(lms.told, []);
  await never.context().close();
});

test('after the course was left nothing can be answered, and what nobody would be lms.told is said', async () => {
  lms.own = null;
  lms.wrong = null;
  const page = await learning.launched();
  while (await page.locator('#next').isVisible()) await page.locator('#next').click();
  await page.locator('#leave').click();
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.deepEqual(await Promise.all(['#hand-in', '#back', '#leave'].map((each) => page.locator(each).isVisible())), [false, false, false]); // prettier-ignore
  // whoever gets at it nonetheless
  await page.evaluate("document.getElementById('content').hidden = false; globalThis.before = true");
  await answers(page, 'right');
  await page.getByText('did not take the result').waitFor();
  // out of the browser's memory, as by the Back button
  const back = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))";
  await Promise.all([page.waitForEvent('load'), page.evaluate(back)]);
  await page.getByText('nothing of it is recorded').waitFor();
  assert.deepEqual(verbs(), ['initialized', 'terminated']);
  await page.context().close();
});

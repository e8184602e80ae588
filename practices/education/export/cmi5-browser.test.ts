/** A cmi5 package in a real browser: what a learning system is told, in which order, of whom; and what it is never told. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { answers } from '#platform/testing';

import {
  ACTIVITY,
  ACTOR,
  lms,
  REGISTRATION,
  startLms,
  TEMPLATE,
  until,
  verbs,
  type Statement,
} from '../testing-lms.ts';

let learning: Awaited<ReturnType<typeof startLms>>;
before(async () => {
  learning = await startLms();
});
after(() => learning?.close());
const category = ({ context }: Statement): string[] => (context.contextActivities.category ?? []).map(({ id }) => id.split('/').at(-1) ?? ''); // prettier-ignore

test('a session of cmi5 begins with initialized and ends with terminated, of the learner that was named, in the context that was given', async () => {
  lms.own = null;
  const page = await learning.launched();
  assert.deepEqual(verbs(), ['initialized']);
  await answers(page, 'wrong');
  await until(() => verbs().includes('completed'), 'failed and completed are told');
  await page.getByText('0 of 5 are right.').waitFor();
  await page.locator('#leave').click();
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.deepEqual(verbs(), ['initialized', 'failed', 'completed', 'terminated']);
  // anew in the same registration: it was completed once
  await page.context().close();
  const again = await learning.launched();
  const kept = again.waitForResponse((each) => each.request().method() === 'PUT' && each.url().includes('activities/state') && (each.request().postData() ?? '').includes('"passed":true')); // prettier-ignore
  await answers(again, 'right');
  await until(() => verbs().includes('passed'), 'passed is told');
  assert.deepEqual(lms.told.at(-1)?.result?.score, { scaled: 1, raw: 5, min: 0, max: 5 });
  assert.deepEqual(
    [lms.told.at(-1)?.result?.success, category(lms.told.at(-1) as Statement)],
    [true, ['cmi5', 'moveon']],
  );
  assert.equal(lms.told.at(-1)?.context.extensions['https://w3id.org/xapi/cmi5/context/extensions/masteryscore'], 0.8);
  // who goes away without a word leaves as well; what is still on its way then may be cut off
  await (await kept).finished();
  await again.evaluate('new Promise((done) => setTimeout(done, 100))');
  await again.goto(`${learning.origin}/back.html`);
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.deepEqual(verbs(), ['initialized', 'passed', 'terminated']);
  for (const each of lms.told) {
    assert.deepEqual([each.actor, each.object.id, each.context.registration], [ACTOR, ACTIVITY, REGISTRATION]);
    assert.deepEqual(each.context.contextActivities.grouping, TEMPLATE.contextActivities.grouping);
    assert.equal(each.context.extensions['https://w3id.org/xapi/cmi5/context/extensions/sessionid'], 's-1');
    assert.match(each.timestamp, /Z$/);
    assert.equal(category(each).includes('moveon'), each.result?.success !== undefined || each.result?.completion === true); // prettier-ignore
    if (each.verb.id.endsWith('terminated')) assert.match(String(each.result?.duration), /^PT\d+(\.\d+)?S$/);
  }
  // and what was passed is not failed any more
  const third = await learning.launched();
  await answers(third, 'wrong');
  await third.getByText('0 of 5 are right.').waitFor();
  await third.locator('#leave').click();
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.deepEqual(verbs(), ['initialized', 'terminated']);
  await third.context().close();
  assert.deepEqual(lms.refused, []);
});

test('the score that the learning system names decides, not ours', async () => {
  lms.own = null;
  const page = await learning.launched({ masteryScore: 0 });
  await answers(page, 'wrong');
  await until(() => verbs().includes('passed'), 'passed is told');
  await page.context().close();
});

test('looking around tells nothing of a result, and who leaves goes back where the learning system says, never to a script', async () => {
  lms.own = null;
  const page = await learning.launched({ launchMode: 'Browse', returnURL: `${learning.origin}/back.html` });
  await page.getByText('looks around').or(page.getByText('to look around')).first().waitFor();
  await answers(page, 'right');
  await page.getByText('5 of 5 are right.').waitFor();
  await page.locator('#leave').click();
  await page.waitForURL(`${learning.origin}/back.html`);
  assert.deepEqual(verbs(), ['initialized', 'terminated']);
  await page.context().close();
  // the policy of the page stops a script, too
  for (const returnURL of ["javascript:document.title='taken'", 'about:blank']) {
    const evil = await learning.launched({ returnURL });
    await evil.locator('#leave').click();
    await until(() => verbs().includes('terminated'), 'terminated is told');
    await evil.waitForTimeout(300);
    assert.notEqual(await evil.title(), 'taken');
    assert.ok(evil.url().includes('/cmi5/index.html'), returnURL);
    await evil.context().close();
  }
});

test('a learning system that does not answer is asked again; one that never does is said, and the result can be said again', async () => {
  lms.own = null;
  const page = await learning.launched();
  lms.fails = 2;
  await answers(page, 'right');
  await until(() => verbs().includes('passed'), 'passed is told');
  await page.context().close();
  lms.own = null;
  const other = await learning.launched();
  lms.fails = 3;
  await answers(other, 'right');
  await other.getByText('did not take the result').waitFor();
  assert.deepEqual(verbs(), ['initialized']);
  await other.getByRole('button', { name: 'Say it again' }).click();
  await until(() => verbs().includes('completed'), 'passed and completed are told');
  assert.deepEqual(verbs(), ['initialized', 'passed', 'completed']);
  await other.context().close();
});

test('launched twice by one address, or by none, it can be read and answered, and says that nothing is recorded', async () => {
  const page = await (await learning.browser.newContext()).newPage();
  const asked: string[] = [];
  page.on('request', (each) => void asked.push(each.url()));
  for (const query of ['', '?endpoint=javascript:1&fetch=javascript:1&actor={}']) {
    await page.goto(`${learning.origin}/cmi5/index.html${query}`);
    await page.getByText('nothing of it is recorded').waitFor();
    await answers(page, 'right');
    await page.getByText('5 of 5 are right.').waitFor();
  }
  assert.ok(
    asked.every((url) => url.startsWith(learning.origin)),
    asked.join(),
  );
  [lms.told, lms.token] = [[], 'used'];
  const query = new URLSearchParams({ endpoint: `${learning.at}/lrs`, fetch: `${learning.at}/fetch`, actor: JSON.stringify(ACTOR), registration: REGISTRATION, activityId: ACTIVITY }); // prettier-ignore
  await page.goto(`${learning.origin}/cmi5/index.html?${query}`);
  await page.getByText('nothing of it is recorded').waitFor();
  assert.deepEqual(lms.told, []);
  await page.context().close();
});

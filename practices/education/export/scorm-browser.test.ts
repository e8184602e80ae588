/** A SCORM 1.2 package in a real browser, in a frame with the API of SCORM in it: what is called, in which order. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { answers, fileServer, openBrowser } from '#platform/testing';
import type { Browser, Frame, Page } from 'playwright-core';

import { shippedCourse, shippedCourses } from '../testing-shipped.ts';
import { packageFiles } from './course-package.ts';

/** A frame of SCORM as old ones are: it has the API, and writes down what is called. */
const FRAME = `<!doctype html><title>LMS</title><script>
const calls = []; const kept = JSON.parse(new URLSearchParams(location.search).get('kept') ?? '{}');
const note = (name, answer) => (...given) => { calls.push([name, ...given].join(' ')); return answer(...given); };
window.API = {
  LMSInitialize: note('LMSInitialize', () => 'true'), LMSFinish: note('LMSFinish', () => 'true'), LMSCommit: note('LMSCommit', () => 'true'),
  LMSGetValue: (name) => kept[name] ?? '', LMSSetValue: note('LMSSetValue', (name, value) => { kept[name] = value; return 'true'; }), LMSGetLastError: () => '0',
};
</script><iframe src="scorm/index.html" width="800" height="600"></iframe>`;

let browser: Browser;
let files: Awaited<ReturnType<typeof fileServer>>;
before(async () => {
  const all = packageFiles('scorm12', shippedCourse(), 'https://strongroom.example').map(({ name, text }) => [`scorm/${name}`, text] as const); // prettier-ignore
  const served = new Map([...all, ['frame.html', FRAME], ['around.html', '<iframe src="scorm/index.html"></iframe>']]);
  files = await fileServer(served);
  served.set('foreign.html', `<iframe src="${files.origin}/scorm/index.html"></iframe>`);
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  files?.close();
});

async function framed(kept: object = {}): Promise<Readonly<{ page: Page; frame: Frame; calls: () => Promise<string[]> }>> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${files.origin}/frame.html?kept=${encodeURIComponent(JSON.stringify(kept))}`);
  await page.frameLocator('iframe').locator('html[data-begun]').waitFor();
  const frame = page.frames().find((each) => each.url().endsWith('/scorm/index.html'));
  assert.ok(frame !== undefined);
  return { page, frame, calls: () => page.evaluate<string[]>('calls') };
} // prettier-ignore

test('SCORM 1.2: it begins once, tells score and status once they are there, and finishes once when it is left', async () => {
  const { page, frame, calls } = await framed();
  assert.deepEqual(await calls(), ['LMSInitialize ', 'LMSSetValue cmi.core.lesson_status incomplete']);
  await answers(frame, 'right');
  await frame.getByText('5 of 5 are right.').waitFor();
  const before = await calls();
  assert.deepEqual(before.slice(-5), ['LMSSetValue cmi.core.score.min 0', 'LMSSetValue cmi.core.score.max 100', 'LMSSetValue cmi.core.score.raw 100', 'LMSSetValue cmi.core.lesson_status passed', 'LMSCommit ']); // prettier-ignore
  await frame.locator('#leave').click();
  await page.evaluate("document.querySelector('iframe').remove()");
  const left = (await calls()).slice(before.length);
  assert.match(left[0] ?? '', /^LMSSetValue cmi\.core\.session_time \d{2,4}:\d{2}:\d{2}\.\d{2}$/);
  assert.deepEqual(left.slice(1), ['LMSSetValue cmi.core.exit ', 'LMSCommit ', 'LMSFinish ']);
  await page.context().close();
});

test('SCORM 1.2: closed in the middle it is suspended where it was; what was passed is not failed; looking around says nothing', async () => {
  const { page, frame, calls } = await framed({ 'cmi.core.lesson_location': '2' });
  assert.equal(await frame.locator('#where').innerText(), 'Part 3 of 8');
  await frame.locator('#next').click();
  await page.evaluate("document.querySelector('iframe').remove()");
  const said = await calls();
  assert.ok(said.includes('LMSSetValue cmi.core.lesson_location 3') && said.includes('LMSSetValue cmi.core.exit suspend')); // prettier-ignore
  assert.equal(said.at(-1), 'LMSFinish ');
  await page.context().close();
  for (const kept of [{ 'cmi.core.lesson_status': 'passed' }, { 'cmi.core.lesson_mode': 'browse' }]) {
    const other = await framed(kept);
    await answers(other.frame, 'wrong');
    await other.frame.getByText('0 of 5 are right.').waitFor();
    assert.ok(
      !(await other.calls()).some((call) => /score|failed|incomplete/.test(call)),
      (await other.calls()).join(),
    );
    await other.page.context().close();
  }
  const bound = await framed({ 'cmi.student_data.mastery_score': '0' });
  await answers(bound.frame, 'wrong');
  await bound.frame.getByText('0 of 5 are right.').waitFor();
  assert.ok((await bound.calls()).includes('LMSSetValue cmi.core.lesson_status passed'));
  await bound.page.context().close();
});

test('SCORM 1.2: what was passed well is not made worse by a later try, and is made better by a better one', async () => {
  for (const [raw, told] of [
    ['100.0', false],
    ['90', true],
  ] as const) {
    // a bound of nothing: whatever is answered is passed
    const { page, frame, calls } = await framed({ 'cmi.core.lesson_status': 'passed', 'cmi.core.score.raw': raw, 'cmi.student_data.mastery_score': '0' }); // prettier-ignore
    await answers(frame, 'wrong');
    await frame.getByText('0 of 5 are right.').waitFor();
    assert.ok(!(await calls()).some((call) => call.includes('score.raw')), raw);
    await page.context().close();
    const better = await framed({ 'cmi.core.lesson_status': 'passed', 'cmi.core.score.raw': raw });
    await answers(better.frame, 'right');
    await better.frame.getByText('5 of 5 are right.').waitFor();
    assert.equal((await better.calls()).includes('LMSSetValue cmi.core.score.raw 100'), told, raw);
    await better.page.context().close();
  }
});

test('SCORM 1.2: after the course was left nothing can be answered, and what nobody would be told is said', async () => {
  const { page, frame, calls } = await framed();
  while (await frame.locator('#next').isVisible()) await frame.locator('#next').click();
  await frame.locator('#leave').click();
  assert.deepEqual(await Promise.all(['#hand-in', '#back', '#leave'].map((each) => frame.locator(each).isVisible())), [false, false, false]); // prettier-ignore
  await frame.evaluate("document.getElementById('content').hidden = false");
  await answers(frame, 'right');
  await frame.getByText('did not take the result').waitFor();
  assert.ok(!(await calls()).some((call) => call.includes('score')));
  await page.context().close();
});

test('SCORM 1.2: the API is found from a frame of a window that was opened, and another origin around it is no fault', async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${files.origin}/frame.html`);
  await page.frameLocator('iframe').locator('html[data-begun]').waitFor();
  await page.evaluate("calls.length = 0; document.querySelector('iframe').remove(); calls.length = 0");
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate("void open('around.html')")]);
  await popup.frameLocator('iframe').locator('html[data-begun=judged]').waitFor();
  assert.deepEqual(await page.evaluate('calls'), ['LMSInitialize ', 'LMSSetValue cmi.core.lesson_status incomplete']);
  // the same page, where those around it are of somebody else
  await page.goto(`${files.origin.replace('127.0.0.1', 'localhost')}/foreign.html`);
  await page.frameLocator('iframe').locator('html[data-begun=nobody]').waitFor();
  await page.context().close();
});

test('a sheet with an open question is not handed in', async () => {
  const { page, frame, calls } = await framed();
  while (await frame.locator('#next').isVisible()) await frame.locator('#next').click();
  await frame.locator('#hand-in').click();
  await frame.getByText('Answer each question first.').waitFor();
  assert.ok(!(await calls()).some((call) => call.includes('score')));
  await page.context().close();
});

test('no shipped lesson is wider than a telephone, in its parts, its questions and their grades', async () => {
  const all = shippedCourses().flatMap(({ lesson, quiz }) => {
    const text = { ...quiz.text(), draw: quiz.text().questions.length };
    const of = { lesson, quiz: { ...quiz, text: () => text } };
    return packageFiles('scorm12', of, 'https://strongroom.example').map(({ name, text: file }) => [`${lesson.id}/${name}`, file] as const); // prettier-ignore
  });
  const served = await fileServer(new Map(all));
  const page = await (await browser.newContext({ viewport: { width: 360, height: 740 } })).newPage();
  for (const { lesson } of shippedCourses()) {
    await page.goto(`${served.origin}/${lesson.id}/index.html`);
    await page.locator('html[data-begun]').waitFor();
    // without script all of it stands there at once
    await page.evaluate("for (const part of document.querySelectorAll('.part')) part.hidden = false");
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, lesson.id);
    await answers(page, 'wrong');
    await page.getByText(/^0 of \d+ are right/).waitFor();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, `${lesson.id}, graded`);
  }
  await page.context().close();
  served.close();
});

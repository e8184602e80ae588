/** A cmi5 package in a real browser: what a learning system is told, in which order, of whom; and what it is never told. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';

import { answers, fileServer } from '#platform/testing';
import { chromium, type Browser, type Page } from 'playwright-core';

import { shippedCourse } from '../testing-shipped.ts';
import { packageFiles } from './course-package.ts';

const ACTOR = { objectType: 'Agent', account: { homePage: 'https://lms.example', name: 'x-17' } };
const REGISTRATION = '760e3480-ba55-4991-94b0-01820dbd23a2';
const ACTIVITY = 'https://lms.example/au/1';
const TEMPLATE = {
  contextActivities: { grouping: [{ id: 'https://strongroom.example/education/courses/phishing/lesson' }] },
  extensions: { 'https://w3id.org/xapi/cmi5/context/extensions/sessionid': 's-1' },
};
type Statement = Readonly<{ id: string; actor: object; verb: { id: string }; object: { id: string }; result?: Record<string, unknown>; timestamp: string;
  context: { registration: string; contextActivities: Record<string, { id: string }[]>; extensions: Record<string, unknown> } }>; // prettier-ignore

let browser: Browser;
let files: { origin: string; close: () => void };
/** A learning system of one learner: its routes, and what it was told. */
let lms: Server;
let lmsAt: string;
let told: Statement[] = [];
let launch: object = {};
let own: string | null = null;
let token = '';
let fails = 0;
/** Verbs that the registration has: one that was completed is not completed again (cmi5 §9.3). */
let had: string[] = [];
/** What goes wrong of the next call that fits: it has no answer, is cut off, fails, or is taken and answered as if not. */
let wrong: { of: string; how: 'silent' | 'cut' | 'fails' | 'lost'; times: number } | null = null;
const refused: string[] = [];

const [SILENT, CUT] = [0, 1];
const route = (method: string, url: URL, authorization: string, body: string): readonly [number, string] => {
  if (method === 'OPTIONS') return [204, ''];
  const verb = url.pathname === '/lrs/statements' ? (JSON.parse(body) as Statement).verb.id.split('/').at(-1) : '';
  const called = `${method} ${url.pathname} ${url.searchParams.get('stateId') ?? verb}`;
  if (wrong === null || wrong.times === 0 || !called.includes(wrong.of)) return taken(method, url, authorization, body);
  wrong.times -= 1;
  if (wrong.how === 'fails') return [503, ''];
  if (wrong.how === 'cut') return [CUT, ''];
  const [status] = taken(method, url, authorization, body);
  assert.ok(status < 300 || status === 404);
  return wrong.how === 'lost' ? [503, ''] : [SILENT, ''];
};
const taken = (method: string, url: URL, authorization: string, body: string): readonly [number, string] => {
  if (url.pathname === '/fetch') {
    if (method !== 'POST' || token !== '') return [200, '{"error-code":"1","error-text":"used"}'];
    token = 'c2VjcmV0OnRva2Vu';
    return [200, JSON.stringify({ 'auth-token': token })];
  }
  if (authorization !== `Basic ${token}` || token === '') return [401, ''];
  if (url.pathname === '/lrs/agents/profile') return [403, ''];
  if (url.pathname === '/lrs/activities/state') {
    const asked = ['activityId', 'registration', 'agent'].map((each) => url.searchParams.get(each));
    assert.deepEqual(asked, [ACTIVITY, REGISTRATION, JSON.stringify(ACTOR)]);
    if (url.searchParams.get('stateId') === 'LMS.LaunchData')
      return method === 'GET' ? [200, JSON.stringify(launch)] : [403, ''];
    if (method === 'PUT') own = body;
    return own === null ? [404, ''] : [200, own];
  }
  if (url.pathname !== '/lrs/statements' || method !== 'PUT') return [400, ''];
  if (fails > 0) {
    fails -= 1;
    return [503, ''];
  }
  const statement = JSON.parse(body) as Statement;
  assert.equal(url.searchParams.get('statementId'), statement.id);
  if (told.some(({ id }) => id === statement.id)) return [409, ''];
  const said = statement.verb.id.split('/').at(-1) ?? '';
  if (said === 'completed' && had.includes(said)) return [403, ''];
  had.push(said);
  told.push(statement);
  return [204, ''];
};

before(async () => {
  const all = packageFiles('cmi5', shippedCourse(), 'https://strongroom.example').map(({ name, text }) => [`cmi5/${name}`, text] as const); // prettier-ignore
  files = await fileServer(new Map([...all, ['back.html', '<p>back']]));
  lms = createServer((request, response) => {
    const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*, authorization', 'access-control-allow-methods': 'GET, PUT, POST', 'content-type': 'application/json' }; // prettier-ignore
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => void pieces.push(piece));
    request.on('end', () => {
      try {
        const url = new URL(request.url ?? '/', 'http://x');
        if (url.pathname.startsWith('/lrs/') && request.method !== 'OPTIONS') assert.equal(request.headers['x-experience-api-version'], '1.0.3'); // prettier-ignore
        const [status, body] = route(request.method ?? '', url, request.headers.authorization ?? '', Buffer.concat(pieces).toString()); // prettier-ignore
        if (status === CUT) request.socket.destroy();
        if (status > CUT) response.writeHead(status, headers).end(body);
      } catch (thrown) {
        refused.push((thrown as Error).message);
        response.writeHead(400, headers).end();
      }
    });
  });
  await new Promise<void>((resolve) => lms.listen(0, '127.0.0.1', resolve));
  lmsAt = `http://127.0.0.1:${(lms.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
});
after(async () => {
  await browser?.close();
  lms?.closeAllConnections();
  lms?.close();
  files?.close();
});

const until = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(what);
};
const verbs = (): string[] => told.map(({ verb }) => verb.id.split('/').at(-1) ?? '');
const category = ({ context }: Statement): string[] => (context.contextActivities.category ?? []).map(({ id }) => id.split('/').at(-1) ?? ''); // prettier-ignore

/** As a learning system launches it: a new session of the same registration. */
async function launched(change: object = {}): Promise<Page> {
  const page = await opened(change);
  await page.locator('html[data-begun]').waitFor();
  return page;
}
async function opened(change: object = {}, prepare: (page: Page) => Promise<void> = async () => {}): Promise<Page> {
  [told, token] = [[], ''];
  if (own === null) had = [];
  launch = { contextTemplate: TEMPLATE, launchMode: 'Normal', masteryScore: 0.8, moveOn: 'Passed', ...change };
  const page = await (await browser.newContext()).newPage();
  const query = new URLSearchParams({ endpoint: `${lmsAt}/lrs`, fetch: `${lmsAt}/fetch?k=1`, actor: JSON.stringify(ACTOR), registration: REGISTRATION, activityId: ACTIVITY }); // prettier-ignore
  await prepare(page);
  await page.goto(`${files.origin}/cmi5/index.html?${query}`);
  return page;
}

test('a session of cmi5 begins with initialized and ends with terminated, of the learner that was named, in the context that was given', async () => {
  own = null;
  const page = await launched();
  assert.deepEqual(verbs(), ['initialized']);
  await answers(page, 'wrong');
  await until(() => verbs().includes('completed'), 'failed and completed are told');
  await page.getByText('0 of 5 are right.').waitFor();
  await page.locator('#leave').click();
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.deepEqual(verbs(), ['initialized', 'failed', 'completed', 'terminated']);
  // anew in the same registration: it was completed once
  await page.context().close();
  const again = await launched();
  await answers(again, 'right');
  await until(() => verbs().includes('passed'), 'passed is told');
  assert.deepEqual(told.at(-1)?.result?.score, { scaled: 1, raw: 5, min: 0, max: 5 });
  assert.deepEqual([told.at(-1)?.result?.success, category(told.at(-1) as Statement)], [true, ['cmi5', 'moveon']]);
  assert.equal(told.at(-1)?.context.extensions['https://w3id.org/xapi/cmi5/context/extensions/masteryscore'], 0.8);
  // who goes away without a word leaves as well
  await again.goto(`${files.origin}/back.html`);
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.deepEqual(verbs(), ['initialized', 'passed', 'terminated']);
  for (const each of told) {
    assert.deepEqual([each.actor, each.object.id, each.context.registration], [ACTOR, ACTIVITY, REGISTRATION]);
    assert.deepEqual(each.context.contextActivities.grouping, TEMPLATE.contextActivities.grouping);
    assert.equal(each.context.extensions['https://w3id.org/xapi/cmi5/context/extensions/sessionid'], 's-1');
    assert.match(each.timestamp, /Z$/);
    assert.equal(category(each).includes('moveon'), each.result?.success !== undefined || each.result?.completion === true); // prettier-ignore
    if (each.verb.id.endsWith('terminated')) assert.match(String(each.result?.duration), /^PT\d+(\.\d+)?S$/);
  }
  // and what was passed is not failed any more
  const third = await launched();
  await answers(third, 'wrong');
  await third.getByText('0 of 5 are right.').waitFor();
  await third.locator('#leave').click();
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.deepEqual(verbs(), ['initialized', 'terminated']);
  await third.context().close();
  assert.deepEqual(refused, []);
});

test('the score that the learning system names decides, not ours', async () => {
  own = null;
  const page = await launched({ masteryScore: 0 });
  await answers(page, 'wrong');
  await until(() => verbs().includes('passed'), 'passed is told');
  await page.context().close();
});

test('looking around tells nothing of a result, and who leaves goes back where the learning system says, never to a script', async () => {
  own = null;
  const page = await launched({ launchMode: 'Browse', returnURL: `${files.origin}/back.html` });
  await page.getByText('looks around').or(page.getByText('to look around')).first().waitFor();
  await answers(page, 'right');
  await page.getByText('5 of 5 are right.').waitFor();
  await page.locator('#leave').click();
  await page.waitForURL(`${files.origin}/back.html`);
  assert.deepEqual(verbs(), ['initialized', 'terminated']);
  await page.context().close();
  // the policy of the page stops a script, too
  for (const returnURL of ["javascript:document.title='taken'", 'about:blank']) {
    const evil = await launched({ returnURL });
    await evil.locator('#leave').click();
    await until(() => verbs().includes('terminated'), 'terminated is told');
    await evil.waitForTimeout(300);
    assert.notEqual(await evil.title(), 'taken');
    assert.ok(evil.url().includes('/cmi5/index.html'), returnURL);
    await evil.context().close();
  }
});

test('a learning system that does not answer is asked again; one that never does is said, and the result can be said again', async () => {
  own = null;
  const page = await launched();
  fails = 2;
  await answers(page, 'right');
  await until(() => verbs().includes('passed'), 'passed is told');
  await page.context().close();
  own = null;
  const other = await launched();
  fails = 3;
  await answers(other, 'right');
  await other.getByText('did not take the result').waitFor();
  assert.deepEqual(verbs(), ['initialized']);
  await other.getByRole('button', { name: 'Say it again' }).click();
  await until(() => verbs().includes('completed'), 'passed and completed are told');
  assert.deepEqual(verbs(), ['initialized', 'passed', 'completed']);
  await other.context().close();
});

test('launched twice by one address, or by none, it can be read and answered, and says that nothing is recorded', async () => {
  const page = await (await browser.newContext()).newPage();
  const asked: string[] = [];
  page.on('request', (each) => void asked.push(each.url()));
  for (const query of ['', '?endpoint=javascript:1&fetch=javascript:1&actor={}']) {
    await page.goto(`${files.origin}/cmi5/index.html${query}`);
    await page.getByText('nothing of it is recorded').waitFor();
    await answers(page, 'right');
    await page.getByText('5 of 5 are right.').waitFor();
  }
  assert.ok(
    asked.every((url) => url.startsWith(files.origin)),
    asked.join(),
  );
  [told, token] = [[], 'used'];
  const query = new URLSearchParams({ endpoint: `${lmsAt}/lrs`, fetch: `${lmsAt}/fetch`, actor: JSON.stringify(ACTOR), registration: REGISTRATION, activityId: ACTIVITY }); // prettier-ignore
  await page.goto(`${files.origin}/cmi5/index.html?${query}`);
  await page.getByText('nothing of it is recorded').waitFor();
  assert.deepEqual(told, []);
  await page.context().close();
});

test('a session that was cut off after completed, before that was kept, stands in the way of no later one', async () => {
  own = null;
  wrong = { of: 'statements completed', how: 'silent', times: 1 };
  const cut = await launched();
  await answers(cut, 'wrong');
  await until(() => verbs().includes('completed'), 'completed is told');
  await cut.context().close();
  assert.ok(!(JSON.parse(own ?? '{}') as { completed?: boolean }).completed);
  const page = await launched();
  await answers(page, 'right');
  await until(() => verbs().includes('passed'), 'passed is told');
  await until(() => own?.includes('"completed":true') === true, 'who refuses it has it');
  await page.locator('#leave').click();
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.equal(await page.getByText('did not take the result').count(), 0);
  assert.deepEqual(verbs(), ['initialized', 'passed', 'terminated']);
  await page.context().close();
});

test('a statement whose answer was lost is taken when the learning system says that it is there', async () => {
  own = null;
  wrong = { of: 'statements passed', how: 'lost', times: 1 };
  const page = await launched();
  await answers(page, 'right');
  await until(() => verbs().includes('completed'), 'what comes after is told');
  assert.equal(await page.getByText('did not take the result').count(), 0);
  assert.deepEqual(verbs(), ['initialized', 'passed', 'completed']);
  await page.context().close();
});

test('what was kept is asked for again when the learning system stumbles, and no preference is worth a session', async () => {
  own = JSON.stringify({ place: 2, completed: true, passed: true });
  wrong = { of: 'activities/state strongroom.course', how: 'fails', times: 2 };
  const page = await launched();
  await answers(page, 'wrong');
  await page.getByText('0 of 5 are right.').waitFor();
  await page.locator('#leave').click();
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.deepEqual(verbs(), ['initialized', 'terminated']);
  await page.context().close();
  own = null;
  wrong = { of: 'agents/profile', how: 'cut', times: 9 };
  const other = await launched();
  assert.deepEqual(verbs(), ['initialized']);
  wrong = null;
  await other.context().close();
});

test('who answers before it has begun is told of once it has; a learning system that never answers is said', async () => {
  own = null;
  wrong = { of: 'activities/state LMS.LaunchData', how: 'fails', times: 2 };
  const late = { go: (): void => {} };
  const page = await opened({ masteryScore: 0 }, (each) =>
    each.route('**/fetch?*', async (route) => {
      await new Promise<void>((go) => (late.go = go));
      await route.continue();
    }),
  );
  await answers(page, 'wrong');
  await page.getByText('Not right').first().waitFor();
  late.go();
  // by the score that the learning system names
  await until(() => verbs().includes('completed'), 'it is told');
  assert.deepEqual(verbs(), ['initialized', 'passed', 'completed']);
  await page.context().close();
  wrong = { of: '/fetch', how: 'silent', times: 1 };
  const never = await opened({}, (each) => each.clock.install());
  await until(() => token !== '', 'it was asked for');
  await answers(never, 'right');
  await never.clock.runFor(11_000);
  await never.getByText('nothing of it is recorded').waitFor();
  await never.getByText('5 of 5 are right.').waitFor();
  assert.deepEqual(told, []);
  await never.context().close();
});

test('after the course was left nothing can be answered, and what nobody would be told is said', async () => {
  own = null;
  wrong = null;
  const page = await launched();
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

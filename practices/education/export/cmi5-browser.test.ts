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
const refused: string[] = [];

const route = (method: string, url: URL, authorization: string, body: string): readonly [number, string] => {
  if (method === 'OPTIONS') return [204, ''];
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
        response.writeHead(status, headers).end(body);
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
  [told, token] = [[], ''];
  launch = { contextTemplate: TEMPLATE, launchMode: 'Normal', masteryScore: 0.8, moveOn: 'Passed', ...change };
  const page = await (await browser.newContext()).newPage();
  const query = new URLSearchParams({ endpoint: `${lmsAt}/lrs`, fetch: `${lmsAt}/fetch?k=1`, actor: JSON.stringify(ACTOR), registration: REGISTRATION, activityId: ACTIVITY }); // prettier-ignore
  await page.goto(`${files.origin}/cmi5/index.html?${query}`);
  await page.locator('html[data-begun]').waitFor();
  return page;
}

test('a session of cmi5 begins with initialized and ends with terminated, of the learner that was named, in the context that was given', async () => {
  own = null;
  const page = await launched();
  assert.deepEqual(verbs(), ['initialized']);
  await answers(page, 'wrong');
  await until(() => verbs().includes('failed'), 'failed is told');
  await page.getByText('0 of 5 are right.').waitFor();
  await page.locator('#leave').click();
  await until(() => verbs().includes('terminated'), 'terminated is told');
  assert.deepEqual(verbs(), ['initialized', 'completed', 'failed', 'terminated']);
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
  await until(() => verbs().includes('passed'), 'passed is told');
  assert.deepEqual(verbs(), ['initialized', 'completed', 'passed']);
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

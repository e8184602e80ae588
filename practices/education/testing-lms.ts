/** For tests: a learning system of cmi5 with one learner, and what it was told; its wrongs are chosen by who tests. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { fileServer, openBrowser } from '#platform/testing';
import type { Page } from 'playwright-core';

import { packageFiles } from './export/course-package.ts';
import { shippedCourse } from './testing-shipped.ts';

export const ACTOR = { objectType: 'Agent', account: { homePage: 'https://lms.example', name: 'x-17' } };
export const REGISTRATION = '760e3480-ba55-4991-94b0-01820dbd23a2';
export const ACTIVITY = 'https://lms.example/au/1';
export const TEMPLATE = {
  contextActivities: { grouping: [{ id: 'https://strongroom.example/education/courses/phishing/lesson' }] },
  extensions: { 'https://w3id.org/xapi/cmi5/context/extensions/sessionid': 's-1' },
};
export type Statement = Readonly<{ id: string; actor: object; verb: { id: string }; object: { id: string }; result?: Record<string, unknown>; timestamp: string;
  context: { registration: string; contextActivities: Record<string, { id: string }[]>; extensions: Record<string, unknown> } }>; // prettier-ignore

export type Wrong = Readonly<{ of: string; how: 'silent' | 'cut' | 'fails' | 'lost' }> & { times: number };
/** Its routes, and what it was told. */
export const lms = {
  told: [] as Statement[],
  launch: {} as object,
  /** What the course keeps; null: a registration of its own. */
  own: null as string | null,
  token: '',
  fails: 0,
  /** Verbs that the registration has: one that was completed is not completed again (cmi5 §9.3). */
  had: [] as string[],
  /** What goes wrong of the next calls that fit: they have no answer, are cut off, fail, or are taken and answered as if not. */
  wrong: null as Wrong | null,
  refused: [] as string[],
};

const [SILENT, CUT] = [0, 1];
const route = (method: string, url: URL, authorization: string, body: string): readonly [number, string] => {
  if (method === 'OPTIONS') return [204, ''];
  const verb = url.pathname === '/lrs/statements' ? (JSON.parse(body) as Statement).verb.id.split('/').at(-1) : '';
  const called = `${method} ${url.pathname} ${url.searchParams.get('stateId') ?? verb}`;
  if (lms.wrong === null || lms.wrong.times === 0 || !called.includes(lms.wrong.of))
    return taken(method, url, authorization, body);
  lms.wrong.times -= 1;
  if (lms.wrong.how === 'fails') return [503, ''];
  if (lms.wrong.how === 'cut') return [CUT, ''];
  const [status] = taken(method, url, authorization, body);
  assert.ok(status < 300 || status === 404);
  return lms.wrong.how === 'lost' ? [503, ''] : [SILENT, ''];
};
const taken = (method: string, url: URL, authorization: string, body: string): readonly [number, string] => {
  if (url.pathname === '/fetch') {
    if (method !== 'POST' || lms.token !== '') return [200, '{"error-code":"1","error-text":"used"}'];
    lms.token = 'c2VjcmV0OnRva2Vu';
    return [200, JSON.stringify({ 'auth-token': lms.token })];
  }
  if (authorization !== `Basic ${lms.token}` || lms.token === '') return [401, ''];
  if (url.pathname === '/lrs/agents/profile') return [403, ''];
  if (url.pathname === '/lrs/activities/state') {
    const asked = ['activityId', 'registration', 'agent'].map((each) => url.searchParams.get(each));
    assert.deepEqual(asked, [ACTIVITY, REGISTRATION, JSON.stringify(ACTOR)]);
    if (url.searchParams.get('stateId') === 'LMS.LaunchData')
      return method === 'GET' ? [200, JSON.stringify(lms.launch)] : [403, ''];
    if (method === 'PUT') lms.own = body;
    return lms.own === null ? [404, ''] : [200, lms.own];
  }
  if (url.pathname !== '/lrs/statements' || method !== 'PUT') return [400, ''];
  if (lms.fails > 0) {
    lms.fails -= 1;
    return [503, ''];
  }
  const statement = JSON.parse(body) as Statement;
  assert.equal(url.searchParams.get('statementId'), statement.id);
  if (lms.told.some(({ id }) => id === statement.id)) return [409, ''];
  const said = statement.verb.id.split('/').at(-1) ?? '';
  if (said === 'completed' && lms.had.includes(said)) return [403, ''];
  lms.had.push(said);
  lms.told.push(statement);
  return [204, ''];
};

/** In a browser, with the files of the package on a port of their own. */
export async function startLms() {
  const all = packageFiles('cmi5', shippedCourse(), 'https://strongroom.example').map(({ name, text }) => [`cmi5/${name}`, text] as const); // prettier-ignore
  const files = await fileServer(new Map([...all, ['back.html', '<p>back']]));
  const server = createServer((request, response) => {
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
        lms.refused.push((thrown as Error).message);
        response.writeHead(400, headers).end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await openBrowser();

  /** As a learning system launches it: a new session of the same registration. */
  async function opened(
    change: object = {},
    prepare: (page: Page) => Promise<unknown> = async () => {},
  ): Promise<Page> {
    [lms.told, lms.token] = [[], ''];
    if (lms.own === null) lms.had = [];
    lms.launch = { contextTemplate: TEMPLATE, launchMode: 'Normal', masteryScore: 0.8, moveOn: 'Passed', ...change };
    const page = await (await browser.newContext()).newPage();
    const query = new URLSearchParams({ endpoint: `${at}/lrs`, fetch: `${at}/fetch?k=1`, actor: JSON.stringify(ACTOR), registration: REGISTRATION, activityId: ACTIVITY }).toString(); // prettier-ignore
    await prepare(page);
    await page.goto(`${files.origin}/cmi5/index.html?${query}`);
    return page;
  }
  return {
    at,
    origin: files.origin,
    browser,
    opened,
    launched: async (change: object = {}): Promise<Page> => {
      const page = await opened(change);
      await page.locator('html[data-begun]').waitFor();
      return page;
    },
    close: async (): Promise<void> => {
      await browser.close();
      server.closeAllConnections();
      server.close();
      files.close();
    },
  };
}

export const until = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  for (let tries = 0; tries < 1200; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(what);
};
export const verbs = (): string[] => lms.told.map(({ verb }) => verb.id.split('/').at(-1) ?? '');

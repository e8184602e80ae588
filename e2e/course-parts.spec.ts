/** A course of cmi5 in a real browser, with the client that others write such courses with: part by part to its end, and a hostile part. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { zipOf } from '#platform/testing';
import type { Frame, Page } from 'playwright-core';

import { freePort } from './free-port.ts';
import { comeInWithPasskey, go, looksRight } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let officer: Page;
let learner: Page;
let origin: string;

const CLIENT = readFileSync(fileURLToPath(import.meta.resolve('@xapi/cmi5/dist/Cmi5.umd.js')));
const PAGE = `<!doctype html><html lang="en"><title>Part</title><h1>The part itself</h1><p id="said">starting</p><button id="half">Half</button><button id="fail">Fail</button><button id="done">Finish</button>
<script src="cmi5.js"></script><script>
  const say = (text) => { document.getElementById('said').textContent = text; };
  const on = (id, work) => { document.getElementById(id).onclick = () => work().catch((thrown) => say('fault ' + (thrown.response ? thrown.response.status : thrown.message))); };
  const cmi5 = new Cmi5();
  window.cmi5 = cmi5;
  cmi5.initialize().then(async () => {
    const at = { agent: cmi5.launchParameters.actor, activityId: cmi5.launchParameters.activityId, registration: cmi5.launchParameters.registration, stateId: 'bookmark' };
    const before = await cmi5.xapi.getState(at).then(({ data }) => data.page, () => 'none');
    on('half', async () => { await cmi5.xapi.setState({ ...at, state: { page: '2' } }); await cmi5.progress(50); say('half'); });
    on('fail', async () => { await cmi5.fail({ scaled: 0.2 }); await cmi5.terminate(); location.href = cmi5.launchData.returnURL; });
    on('done', async () => { await cmi5.interactionTrueFalse('t', 'q', true, true); await cmi5.pass({ scaled: 0.9 }); await cmi5.complete(); await cmi5.terminate(); location.href = cmi5.launchData.returnURL; });
    say('was at ' + before + ', ' + cmi5.launchData.launchMode + ', ' + cmi5.launchData.launchParameters);
  }).catch((thrown) => say('fault ' + thrown.message));
</script></html>`;
const name = (text: string): string => `<title><langstring lang="en">${text}</langstring></title><description><langstring lang="en">.</langstring></description>`; // prettier-ignore
const au = (n: number, text: string, moveOn: string): string => `<au id="https://maker.example/au/${n}" moveOn="${moveOn}" masteryScore="0.8">${name(text)}<url>pages/start.html</url><launchParameters>speed=${n}</launchParameters></au>`; // prettier-ignore
const course = (title: string, inner: string): Buffer =>
  zipOf([
    { name: 'cmi5.xml', bytes: `<?xml version="1.0"?><courseStructure xmlns="https://w3id.org/xapi/profiles/cmi5/v1/CourseStructure.xsd"><course id="https://maker.example/course">${name(title)}</course>${inner}</courseStructure>` },
    { name: 'pages/start.html', bytes: PAGE }, { name: 'pages/cmi5.js', bytes: CLIENT },
  ]); // prettier-ignore

before(async () => {
  if (skip !== false) return;
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  world = await openWorld({ STRONGROOM_COURSES_URL: origin, STRONGROOM_COURSES_PORT: String(port) });
  officer = await comeInWithPasskey(world, 'Olga', 'dpo');
  learner = await comeInWithPasskey(world, 'Ben', 'support');
});
after(async () => {
  if (skip === false) await world.close();
});

const shows = async (speed: 1 | 2): Promise<Frame> => {
  const inside = learner.frameLocator('iframe.course-frame');
  await inside.getByRole('heading', { name: 'The part itself' }).waitFor();
  // the part before it may still be there
  await inside.locator('#said', { hasText: new RegExp(`speed=${speed}|fault`) }).waitFor();
  const found = learner.frames().filter((each) => each.url().includes('/c/pages/start.html')).at(-1); // prettier-ignore
  assert.ok(found !== undefined);
  return found;
};
const row = (part: string) => learner.getByRole('row', { name: new RegExp(part) });

test('an officer takes a course of parts in', { skip }, async () => {
  await go(officer, 'Lessons and texts');
  const zip = course('Fire safety, in parts', `<block id="https://maker.example/b">${name('Basics')}${au(1, 'What burns', 'CompletedAndPassed')}</block>${au(2, 'Ways out', 'Passed')}`); // prettier-ignore
  await officer.locator('input[type=file]').setInputFiles({ name: 'fire.zip', mimeType: 'application/zip', buffer: zip }); // prettier-ignore
  await officer.getByLabel('Id').fill('fire-parts');
  await officer.getByRole('button', { name: 'Take the course in' }).click();
  await officer.getByText('Fire safety, in parts is at version 1').waitFor();
  await officer.getByText('1, cmi5, 2 parts').waitFor();
  await looksRight(world, officer, 'courses-of-parts');
});

test('its parts are begun, left, failed, and passed; the last one gives the credential', { skip }, async () => {
  await learner.goto(`${world.url}/console/learn/fire-parts`);
  await learner.getByRole('button', { name: 'Begin', exact: true }).click();
  await learner.getByRole('button', { name: 'Begin part 1: What burns' }).click();
  const first = await shows(1);
  assert.equal(await first.locator('#said').innerText(), 'was at none, Normal, speed=1');
  await looksRight(world, learner, 'course-parts');
  await first.locator('#half').click();
  await first.locator('#said', { hasText: 'half' }).waitFor();

  // another part, and back: the first was abandoned, and goes on where it was left
  await learner.getByRole('button', { name: 'Begin part 2: Ways out' }).click();
  const second = await shows(2);
  assert.equal(await second.locator('#said').innerText(), 'was at none, Normal, speed=2');
  await second.locator('#fail').click();
  await row('Ways out').getByText('not passed').waitFor();
  await learner.getByRole('button', { name: 'Begin part 1: What burns' }).click();
  const again = await shows(1);
  assert.equal(await again.locator('#said').innerText(), 'was at 2, Normal, speed=1');
  await again.locator('#done').click();
  await row('What burns').getByText('done').waitFor();

  await learner.getByRole('button', { name: 'Begin part 2: Ways out' }).click();
  await (await shows(2)).locator('#done').click();
  await learner.getByText('The course says that you have passed.').waitFor();
  await go(learner, 'Learn and sign');
  await learner.getByRole('row', { name: /Fire safety, in parts.*valid/ }).waitFor();
  assert.deepEqual(world.faults, []);
});

test('a hostile part gets nothing but its own: no second token, nobody else’s name, no launch data, no other server, no API', { skip }, async () => {
  const { room } = await world.program('dpo');
  await room.packages.take('hostile-parts', new Uint8Array(course('Hostile', au(1, 'Hostile', 'Passed'))));
  await learner.goto(`${world.url}/console/learn/hostile-parts`);
  await learner.getByRole('button', { name: 'Begin', exact: true }).click();
  await learner.getByRole('button', { name: 'Begin part 1: Hostile' }).click();
  const frame = await shows(1);
  const tried = await frame.evaluate(async (home) => {
    type Client = { launchParameters: Record<string, unknown> & { fetch: string; endpoint: string; activityId: string; registration: string }; getAuthToken: () => string };
    const { cmi5 } = globalThis as unknown as { cmi5: Client };
    const { fetch: once, endpoint, activityId, registration, actor } = cmi5.launchParameters;
    const headers = { 'authorization': `Basic ${cmi5.getAuthToken()}`, 'x-experience-api-version': '1.0.3', 'content-type': 'application/json' };
    const status = async (url: string, init: object): Promise<string> => {
      try {
        return String((await fetch(url, init)).status);
      } catch (thrown) {
        return (thrown as Error).name;
      }
    };
    const query = (agent: unknown): string => String(new URLSearchParams({ agent: JSON.stringify(agent), activityId, registration, stateId: 'LMS.LaunchData' }));
    return {
      again: Object.keys((await (await fetch(once, { method: 'POST' })).json()) as object),
      other: await status(`${endpoint}activities/state?${query({ account: { homePage: 'https://x.example', name: 'x' } })}`, { headers }),
      launch: await status(`${endpoint}activities/state?${query(actor)}`, { method: 'PUT', headers, body: '{}' }),
      forged: await status(`${endpoint}statements`, { method: 'POST', headers, body: JSON.stringify({ verb: { id: 'https://w3id.org/xapi/adl/verbs/satisfied' } }) }),
      api: await status(`${home}/v1/education/mine`, { headers, credentials: 'include' }),
      elsewhere: await status('https://evil.example/', { method: 'POST', mode: 'no-cors', body: cmi5.getAuthToken() }),
    };
  }, world.url);
  assert.deepEqual(tried, { again: ['error-code', 'error-text'], other: '403', launch: '403', forged: '400', api: 'TypeError', elsewhere: 'TypeError' });
  // from another origin, also with the token, nothing of it can be read
  const url = await learner.locator('iframe.course-frame').getAttribute('src');
  const read = await learner.evaluate(async (address) => fetch(address).then(() => 'read', (thrown: Error) => thrown.name), `${new URL(url as string).origin}/xapi/about`); // prettier-ignore
  assert.equal(read, 'TypeError');
  assert.deepEqual(world.faults, []);
}); // prettier-ignore

/** Courses made elsewhere in a real browser: one of 1.2 and one of 2004 give their credential, and a hostile one reaches nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

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

/** As tools write them: the API is looked for up the frames. */
const course = (schema: '1.2' | '2004', script: string): Buffer => {
  const page = `<!doctype html><html lang="en"><title>Course</title><h1>The course itself</h1><p id="said"></p><button id="done">Finish</button><script>
    let api = null; for (let at = window, hops = 0; api === null && hops < 7; hops += 1, at = at.parent) try { api = at.API ?? at.API_1484_11 ?? null; } catch { break; }
    ${script}</script></html>`;
  const manifest = `<manifest xmlns:adlcp="x"><metadata><schemaversion>${schema === '1.2' ? '1.2' : '2004 4th Edition'}</schemaversion></metadata><organizations><organization identifier="o"><title>Fire safety ${schema}</title><item identifierref="r"/></organization></organizations><resources><resource identifier="r" adlcp:scormType="sco" href="pages/start.html"/></resources></manifest>`;
  return zipOf([{ name: 'imsmanifest.xml', bytes: manifest }, { name: 'pages/start.html', bytes: page }, { name: 'pages/w.js', bytes: 'onmessage = null;' }]);
}; // prettier-ignore
const GOOD_12 = `api.LMSInitialize(''); document.getElementById('said').textContent = 'was at ' + api.LMSGetValue('cmi.core.lesson_location') + ', ' + api.LMSGetValue('cmi.suspend_data');
  api.LMSSetValue('cmi.core.lesson_location', 'page 2'); api.LMSSetValue('cmi.suspend_data', 'seen=1'); api.LMSCommit('');
  document.getElementById('done').onclick = () => { api.LMSSetValue('cmi.core.score.raw', '90'); api.LMSSetValue('cmi.core.lesson_status', 'passed'); api.LMSCommit(''); api.LMSFinish(''); };`;
const GOOD_2004 = `api.Initialize(''); document.getElementById('said').textContent = 'errors: ' + api.GetLastError();
  document.getElementById('done').onclick = () => { api.SetValue('cmi.score.scaled', '0.95'); api.SetValue('cmi.success_status', 'passed'); api.SetValue('cmi.completion_status', 'completed'); api.Terminate(''); };`;

before(async () => {
  if (skip !== false) return;
  const port = await freePort();
  // another host than the console's localhost: cookies know no ports
  origin = `http://127.0.0.1:${port}`;
  world = await openWorld({ STRONGROOM_COURSES_URL: origin, STRONGROOM_COURSES_PORT: String(port) });
  officer = await comeInWithPasskey(world, 'Olga', 'dpo');
  learner = await comeInWithPasskey(world, 'Ben', 'support');
});
after(async () => {
  if (skip === false) await world.close();
});

const inside = async (page: Page): Promise<Frame> => {
  await page.frameLocator('iframe.course-frame').frameLocator('#course').getByRole('heading', { name: 'The course itself' }).waitFor(); // prettier-ignore
  const found = page.frames().find((each) => each.url().includes('/c/pages/start.html'));
  assert.ok(found !== undefined);
  return found;
};
const begins = async (id: string): Promise<Frame> => {
  await learner.goto(`${world.url}/console/learn/${id}`);
  await learner.getByRole('button', { name: 'Begin', exact: true }).click();
  return inside(learner);
};
const take = async (id: string, zip: Buffer): Promise<void> => {
  const { room } = await world.program('dpo');
  await room.packages.take(id, new Uint8Array(zip));
};

test('an officer takes one in, and says whether it counts', { skip }, async () => {
  await go(officer, 'Lessons and texts');
  await officer.getByRole('heading', { name: 'Courses made elsewhere' }).waitFor();
  await officer.locator('input[type=file]').setInputFiles({ name: 'fire.zip', mimeType: 'application/zip', buffer: course('1.2', GOOD_12) }); // prettier-ignore
  await officer.getByLabel('Id').fill('fire');
  await officer.getByRole('button', { name: 'Take the course in' }).click();
  await officer.getByText('Fire safety 1.2 is at version 1').waitFor();
  await looksRight(world, officer, 'courses-elsewhere');
  await officer.getByRole('button', { name: 'Count for roles: Fire safety 1.2' }).click();
  await officer.getByRole('dialog').getByRole('button', { name: 'Count for roles' }).click();
  await officer.getByText('roles too').waitFor();
});

test('a course of 1.2 runs, goes on where it was left, and finishing it gives the credential', { skip }, async () => {
  const kept = learner.waitForResponse((each) => each.url().endsWith('/result') && (each.request().postData() ?? '').includes('page 2')); // prettier-ignore
  assert.match(await (await begins('fire')).locator('#said', { hasText: 'was at' }).innerText(), /^was at , ?$/);
  await looksRight(world, learner, 'course-frame');
  await kept;
  const again = await begins('fire');
  assert.equal(await again.locator('#said', { hasText: 'was at' }).innerText(), 'was at page 2, seen=1');
  await again.locator('#done').click();
  await learner.getByText('The course says that you have passed.').waitFor();
  await go(learner, 'Learn and sign');
  await learner.getByRole('row', { name: /Fire safety 1\.2.*valid/ }).waitFor();
});

test('a course of 2004 runs as well', { skip }, async () => {
  await take('fire-2004', course('2004', GOOD_2004));
  const frame = await begins('fire-2004');
  assert.equal(await frame.locator('#said', { hasText: 'errors' }).innerText(), 'errors: 0');
  await frame.locator('#done').click();
  await learner.getByText('The course says that you have passed.').waitFor();
});

test(
  'a hostile one gets nothing of the console: no answer, no window, no cookie, no other server, no worker',
  { skip },
  async () => {
    await take('hostile', course('1.2', ''));
    const frame = await begins('hostile');
    const tried = await frame.evaluate(async (home) => {
      type Other = { document: { title: string }; localStorage: { length: number }; location: { href: string } };
      type Workers = { serviceWorker: { register: (url: string) => Promise<unknown> } };
      const own = globalThis as unknown as {
        top: Other;
        parent: { parent: Other; navigator: Workers; Worker: new (url: string) => unknown };
        open: (url: string) => unknown;
        document: { cookie: string };
        navigator: Workers;
        location: { href: string };
      };
      const outcome = async (work: () => unknown): Promise<string> => {
        try {
          await work();
          return 'worked';
        } catch (thrown) {
          return (thrown as Error).name;
        }
      };
      const script = new URL('w.js', own.location.href).href;
      return {
        fetch: await outcome(() => fetch(`${home}/v1/education/mine`, { credentials: 'include' })),
        blind: await outcome(() => fetch(`${home}/v1/education/mine`, { credentials: 'include', mode: 'no-cors' })),
        top: await outcome(() => own.top.document.title),
        parent: await outcome(() => own.parent.parent.document.title),
        storage: await outcome(() => own.top.localStorage.length),
        away: await outcome(() => void (own.top.location.href = 'about:blank')),
        opened: own.open(home) === null ? 'nothing' : 'a window',
        cookies: own.document.cookie,
        worker: await outcome(() => own.navigator.serviceWorker.register(script)),
        // the page around it is of its own origin, and has a policy of its own
        around: await outcome(() => own.parent.navigator.serviceWorker.register(script)),
        thread: await outcome(
          () =>
            new Promise<void>((resolve, reject) => {
              const made = new own.parent.Worker(script) as EventTarget;
              made.addEventListener('error', () => reject(new Error('refused')));
              setTimeout(resolve, 20_000);
            }),
        ),
      };
    }, world.url);
    assert.deepEqual(
      { ...tried, away: 'refused', worker: 'refused', around: 'refused', thread: 'refused' },
      { fetch: 'TypeError', blind: 'TypeError', top: 'SecurityError', parent: 'SecurityError', storage: 'SecurityError', away: 'refused', opened: 'nothing', cookies: '', worker: 'refused', around: 'refused', thread: 'refused' }, // prettier-ignore
    );
    for (const refused of [tried.worker, tried.around, tried.thread]) assert.notEqual(refused, 'worked');
    assert.ok(learner.url().startsWith(`${world.url}/console/learn/hostile`), 'it leads nobody away');
    assert.equal((await learner.context().cookies(origin)).length, 0);
  },
);

test(
  'what another window says is heard by nobody: a result comes from the course’s frame or not at all',
  { skip },
  async () => {
    const frame = await begins('hostile');
    // of the console's own window, and of the course's page itself, whose parent is the player and not the console
    const told = { of: 'strongroom.course', says: 'told', status: 'passed', score: 100, saved: null };
    const sent: string[] = [];
    learner.on('request', (request) => request.url().includes('/result') && sent.push(request.url()));
    await learner.evaluate((message) => (globalThis as unknown as { postMessage: (message: unknown, to: string) => void }).postMessage(message, '*'), told); // prettier-ignore
    await frame.evaluate((message) => (globalThis as unknown as { top: { postMessage: (message: unknown, to: string) => void } }).top.postMessage(message, '*'), told); // prettier-ignore
    await learner.waitForTimeout(500);
    assert.deepEqual(sent, []);
    assert.deepEqual(world.faults, []);
  },
);

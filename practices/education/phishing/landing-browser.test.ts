/** A real browser on a landing page, with the wire watched; and programs that follow every link, which are no clicks. */
import assert from 'node:assert/strict';
import { request, type Server } from 'node:http';
import { connect, createServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { after, before, test } from 'node:test';

import { openBrowser } from '#platform/testing';
import type { Browser } from 'playwright-core';

import { phishingWorld, tokenIn, type World } from '../testing.ts';

const TYPED = ['ada.typed@secret.example', 'correct horse battery 7731', '481516'];
let world: World;
let server: Server;
let wire: TcpServer;
let browser: Browser;
let origin: string;
const bytes: Buffer[] = [];
const faults: unknown[] = [];

before(async () => {
  world = await phishingWorld('http://127.0.0.1:1');
  server = world.phishing.landing((thrown) => void faults.push(thrown));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  // every byte on its way to the server
  wire = createServer((from) => {
    const to = connect(port, '127.0.0.1');
    from.on('data', (piece) => void bytes.push(Buffer.from(piece)));
    from.pipe(to).pipe(from);
    for (const each of [from, to]) each.on('error', () => void (from.destroy(), to.destroy()));
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(wire.address() as AddressInfo).port}`;
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  wire?.close();
  await world?.close();
});

/** Somebody new, with an exercise in the mailbox for a minute. */
async function mailed(name: string, template = 'mfa-reenrol'): Promise<{ id: string; token: string; person: string }> {
  world.at('2026-03-04T10:00:00Z');
  const { id: person } = await world.hire(name);
  const times = { from: world.at(), until: new Date('2026-03-04T12:00:00Z') };
  const { id } = await world.phishing.plan(world.by, { name, template, mode: 'people', roles: [], people: [person, ...(await world.others(9)).map((each) => each.id)].map((each) => ({ id: each })), ...times });
  await world.db`update education.phish_targets set due_at = ${world.at()} where campaign_id = (select campaign_id from education.campaigns order by 1 desc limit 1)`;
  await world.phishing.tick();
  await world.mail.sendDue();
  await world.phishing.tick();
  // the database has a clock of its own
  await world.db`update education.phish_tokens set sent_at = ${world.at()}`;
  const raw = world.got.findLast(({ to }) => to === `${name}@example.org`)?.raw ?? '';
  world.at('2026-03-04T10:07:00Z');
  return { id, token: tokenIn(raw, 'http://127.0.0.1:1'), person };
} // prettier-ignore
const countsOf = async (id: string) => (await world.phishing.get(id)).results;
const said = async (wanted: number) => {
  for (let tries = 0; tries < 1200; tries += 1) {
    const [row] = await world.db<{ n: number }[]>`select count(*)::int as n from education.phish_visits`;
    if ((row?.n ?? 0) >= wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

test('what is typed never leaves the page: no byte of it on the wire, in no table; the person is told kindly', async () => {
  const { id, token } = await mailed('ada');
  const context = await browser.newContext();
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  const sent: string[] = [];
  await devtools.send('Network.enable');
  devtools.on('Network.requestWillBeSent', ({ request: each }) => void sent.push(JSON.stringify(each)));
  devtools.on('Network.webSocketFrameSent', ({ response }) => void sent.push(response.payloadData));
  bytes.length = 0;

  await page.goto(`${origin}/${token}`);
  await page.mouse.move(40, 40);
  await page.waitForTimeout(250);
  await page.mouse.move(120, 160);
  const fields = await page.locator('input').all();
  assert.ok(fields.length >= 2);
  for (const [at, field] of fields.entries()) await field.fill(TYPED[at % TYPED.length] as string);
  await page.locator('input').first().press('Enter');
  await page.getByRole('heading', { name: 'This was an exercise, and nothing has happened' }).waitFor();
  await said(5);

  const came = Buffer.concat(bytes).toString('latin1');
  assert.match(came, /POST \/b/);
  assert.match(came, /"deed":"submit"/);
  for (const text of TYPED.flatMap((each) => [each, encodeURIComponent(each), each.split(' ')[0] as string, Buffer.from(each).toString('base64').replaceAll('=', '')]))
    assert.ok(!came.includes(text) && !sent.join('').includes(text), `on the wire: ${text}`);
  assert.ok(sent.every((each) => (JSON.parse(each) as { url: string }).url.startsWith(origin)), 'to its own origin only');
  const tables = await world.db<{ all: string }[]>`
    select string_agg(x, ' ') as all from (select v::text as x from education.phish_visits v union all select e::text from education.phish_events e union all select m::text from education.phish_marks m) t`;
  for (const text of TYPED) assert.ok(!(tables[0]?.all ?? '').includes(text));
  assert.deepEqual(await context.cookies(), []);
  assert.equal(await page.locator('#pretended').count(), 0);
  const told = await page.locator('#told').innerText();
  assert.match(told, /not sent, and not kept/);
  assert.ok(told.split('\n').length > 8, 'its own cues are listed');
  // what came is counted a moment later
  let { counts } = await countsOf(id);
  for (let tried = 0; counts?.submits !== 1 && tried < 1200; tried += 1) {
    await page.waitForTimeout(50);
    ({ counts } = await countsOf(id));
  }
  assert.deepEqual([counts?.clicks, counts?.submits], [1, 1]);
  await context.close();
}); // prettier-ignore

test('also a browser whose script is off, or whose form is sent by force, sends nothing', async () => {
  const { id, token } = await mailed('bea');
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const page = await plain.newPage();
  await page.goto(`${origin}/${token}`);
  bytes.length = 0;
  for (const field of await page.locator('input').all()) await field.fill('correct horse battery 7731');
  await page.getByRole('button', { name: 'Continue' }).click({ noWaitAfter: true });
  await page.waitForTimeout(300);
  assert.ok(!Buffer.concat(bytes).includes('horse'));
  await plain.close();

  const forced = await (await browser.newContext()).newPage();
  await forced.goto(`${origin}/${token}`);
  bytes.length = 0;
  for (const field of await forced.locator('input').all()) await field.fill('correct horse battery 7731');
  await forced.evaluate(() => (globalThis as unknown as { document: { querySelector: (of: string) => { submit: () => void } } }).document.querySelector('form').submit());
  await forced.waitForTimeout(300);
  assert.ok(!Buffer.concat(bytes).includes('horse'));
  assert.equal((await countsOf(id)).counts?.submits, 0);
  await forced.context().close();
}); // prettier-ignore

test('a mail scanner is no click: GET, HEAD, other methods, and a headless browser that opens every link', async () => {
  const { id, token } = await mailed('cleo');
  for (const method of ['GET', 'HEAD', 'GET', 'OPTIONS', 'DELETE']) await fetch(`${origin}/${token}`, { method });
  const context = await browser.newContext();
  for (let visit = 0; visit < 3; visit += 1) {
    const page = await context.newPage();
    await page.goto(`${origin}/${token}`);
    await page.waitForTimeout(400);
    // a program moves what is no pointer
    await page.evaluate('for (const screenX of [5, 50]) dispatchEvent(new PointerEvent("pointermove", { screenX }))');
    // and clicks what it finds, by script
    await page.evaluate(() => (globalThis as unknown as { document: { querySelector: (of: string) => { click: () => void } } }).document.querySelector('button').click());
    await page.waitForTimeout(200);
    await page.close();
  }
  await context.close();

  const { counts, programs } = await countsOf(id);
  assert.deepEqual([counts?.clicks, counts?.submits, counts?.sent, programs], [0, 0, 10, 1]);
  const [marks] = await world.db<{ n: number }[]>`select count(*)::int as n from education.phish_marks where campaign_id = (select campaign_id from education.campaigns order by 1 desc limit 1)`;
  assert.equal(marks?.n, 0);
}); // prettier-ignore

/** Of what the server says to bytes, and whether it stopped listening. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(text));
    let got = '';
    socket.on('data', (piece: Buffer) => (got += piece.toString()));
    socket.on('error', () => resolve(got));
    socket.on('close', () => resolve(got));
    setTimeout(() => socket.destroy(), 60_000).unref();
  });

test('a body that could hold something is refused by its head, wherever it is sent', async () => {
  const { token } = await mailed('dan');
  const head = 'Host: x\r\nContent-Type: application/json\r\n';
  const beacon = JSON.stringify({ token, visit: 'B'.repeat(22), deed: 'script', fields: [], ms: 1 });
  for (const [text, status] of [
    [`POST /b HTTP/1.1\r\n${head}Content-Length: 100000\r\n\r\n`, 413],
    [`POST /b HTTP/1.1\r\n${head}Content-Length: 321\r\n\r\n`, 413],
    [`POST /b HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n`, 413],
    [`POST /b HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\n`, 413],
    [`POST /${token} HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n`, 413],
    [`POST /b HTTP/1.1\r\n${head}Expect: 100-continue\r\nContent-Length: 20\r\n\r\n`, 417],
    [`POST /b HTTP/1.1\r\n${head}Content-Length: ${beacon.length + 15}\r\nConnection: close\r\n\r\n${beacon.replace('}', ',"password":"x"}').slice(0, beacon.length + 15)}`, 400],
    [`POST /b HTTP/1.1\r\n${head}Content-Length: 4\r\nConnection: close\r\n\r\n"hi"`, 400],
    [`POST /b HTTP/1.1\r\n${head}Content-Length: ${beacon.length}\r\nConnection: close\r\n\r\n${beacon}`, 204],
    [`GET /${token}?password=secret HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, 404],
    [`GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, 404],
  ] as const) assert.equal(Number((await raw(text)).split(' ')[1]), status, text.split('\r\n')[0]);
  await new Promise<void>((resolve, reject) => {
    request(`${origin}/${token}`, (response) => {
      const { headers } = response;
      assert.match(String(headers['content-security-policy']), /form-action 'none'/);
      assert.match(String(headers['content-security-policy']), /default-src 'none'/);
      assert.equal(headers['set-cookie'], undefined);
      assert.equal(headers['referrer-policy'], 'no-referrer');
      response.resume().on('end', resolve);
    }).on('error', reject).end();
  });
  assert.deepEqual(faults, []);
}); // prettier-ignore

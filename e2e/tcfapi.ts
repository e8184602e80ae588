/** `__tcfapi` as scripts of vendors find it: before the widget, after each choice, in frames, and not from around the page. */
import assert from 'node:assert/strict';

import type { Page } from 'playwright-core';

import { eventually, looksRight } from './pages.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

type Heard = Readonly<{ tcString?: string; eventStatus: string; cmpId: number; gdprApplies: boolean; purpose: { consents: Record<string, boolean> } }>; // prettier-ignore

/** A vendor's script: it asks before anything of ours has come. */
const VENDOR = `window.heard = [];
__tcfapi('ping', 2, (answer) => { window.pinged = answer.cmpStatus; });
__tcfapi('addEventListener', 2, (data, success) => { if (success) window.heard.push(data); });`;
/** In a frame of another origin: by messages, as the standard has it. */
const FRAME = `window.answers = [];
addEventListener('message', ({ data }) => { if (data && data.__tcfapiReturn) window.answers.push(data.__tcfapiReturn); });
let to = window; while (to) { try { if (to.frames.__tcfapiLocator) break; } catch {} if (to === window.top) break; to = to.parent; }
window.located = true; (to ?? window).postMessage({ __tcfapiCall: { command: 'getTCData', version: 2, callId: 'c1' } }, '*');
document.title = 'asked';`;
/** Around the page: it calls into it, and finds the frame by its place. */
const AROUND = `window.answers = [];
addEventListener('message', ({ data }) => { if (data && data.__tcfapiReturn) window.answers.push(data.__tcfapiReturn); });
for (const command of ['ping', 'getTCData', 'addEventListener']) frames[0].postMessage({ __tcfapiCall: { command, version: 2, callId: command } }, '*');
for (const command of ['ping', 'getTCData']) frames[0].postMessage(JSON.stringify({ __tcfapiCall: { command, version: 2, callId: command } }), '*');`;

/** @param shop known to the server @param hostile not, and where frames of vendors come from */
export async function tcfApi(world: World, shop: Site, hostile: Site): Promise<void> {
  const found = (await world.asked('GET', '/v1/privacy/widget')) as {
    snippet: string;
    tcf: { snippet: string };
    gpp: { snippet: string };
  };
  const here = (text: string): string => text.replaceAll(/http:\/\/[^/"]+/g, world.url);
  const policy = `default-src 'none'; script-src 'self' ${world.url}; connect-src ${world.url}; style-src 'none'; frame-src ${hostile.origin}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types strongroom-consent`;
  const script = { type: 'text/javascript' };
  const page = (inside: string): string =>
    `<!doctype html><html lang="en"><head><title>A shop</title>${here(found.tcf.snippet)}<script src="/vendor.js"></script></head><body><main><h1>A shop</h1></main>${inside}${here(found.snippet)}</body></html>`;
  shop.pages = {
    '/': { html: page(''), policy },
    '/framing': { html: page(`<iframe title="ad" name="ad" src="${hostile.origin}/ad"></iframe>`), policy },
    '/vendor.js': { html: VENDOR, ...script },
  };
  hostile.pages = {
    '/ad': { html: '<!doctype html><html lang="en"><title>ad</title><script src="/frame.js"></script>' },
    '/frame.js': { html: FRAME, ...script },
    '/around': {
      html: `<!doctype html><html lang="en"><title>f</title><iframe title="shop" src="${shop.origin}/"></iframe>`,
    },
  };
  const visitor = await world.window();
  const heard = (): Promise<Heard[]> => visitor.evaluate<Heard[]>('window.heard');
  const statuses = async (): Promise<string[]> => (await heard()).map(({ eventStatus }) => eventStatus);

  await visitor.goto(`${shop.origin}/`);
  await visitor.getByRole('button', { name: 'Accept all' }).waitFor();
  await eventually(async () => (await statuses()).length === 1);
  const [first] = await heard();
  assert.deepEqual([await visitor.evaluate('window.pinged'), await statuses(), first?.tcString ?? '', first?.cmpId, first?.gdprApplies], ['stub', ['cmpuishown'], '', 27, true]); // prettier-ignore
  assert.deepEqual(first?.purpose.consents[1] ?? false, false, 'nothing is allowed before a yes');
  await looksRight(world, visitor, 'tcfapi-page', 'all');

  await visitor.getByRole('button', { name: 'Accept all' }).click();
  await eventually(async () => (await statuses()).at(-1) === 'useractioncomplete');
  const given = (await heard()).at(-1);
  const string = await visitor.evaluate('document.querySelector("strongroom-consent").choices.tcString()');
  assert.deepEqual([given?.tcString, given?.purpose.consents[1]], [string, true], 'it is what the ledger says');

  await visitor.goto(`${shop.origin}/framing`);
  await eventually(async () => (await statuses()).length === 1);
  assert.deepEqual(await statuses(), ['tcloaded'], 'who has answered is not asked again');
  const ad = visitor.frames().find((frame) => frame.name() === 'ad');
  await eventually(async () => (await ad?.evaluate<number>('window.answers.length')) === 1);
  const inFrame = await ad?.evaluate<{ returnValue: Heard; success: boolean; callId: string }>('window.answers[0]');
  assert.deepEqual([inFrame?.returnValue.tcString, inFrame?.success, inFrame?.callId], [string, true, 'c1']);

  await visitor.getByRole('button', { name: 'Privacy choices' }).click();
  await eventually(async () => (await statuses()).at(-1) === 'cmpuishown');
  await visitor.getByRole('button', { name: 'Refuse all' }).click();
  await eventually(async () => (await statuses()).at(-1) === 'useractioncomplete');
  assert.notEqual((await heard()).at(-1)?.purpose.consents[1], true, 'taken back, at once');

  await gppApi(world, shop, here(found.gpp.snippet), here(found.snippet), policy);

  // a page around it gets no answer at all, and the one inside asks nobody
  await visitor.goto(`${hostile.origin}/around`);
  const framed = visitor.frames().find((frame) => frame.url().startsWith(shop.origin));
  await eventually(async () => (await framed?.evaluate<string>('window.pinged')) === 'stub');
  await visitor.evaluate(AROUND);
  // what it does not answer, it does not answer a moment later either
  await visitor.waitForTimeout(500);
  assert.deepEqual(await visitor.evaluate('window.answers'), []);
  await visitor.context().close();
}

type Pinged = Readonly<{ cmpStatus: string; signalStatus: string; gppString: string; applicableSections: number[]; parsedSections: { usnat?: Record<string, unknown>[] | Record<string, unknown>; tcfeuv2?: unknown } }>; // prettier-ignore

/** A page of a visitor under the law of an American state, and one of both. */
async function gppApi(world: World, shop: Site, api: string, widget: string, policy: string): Promise<void> {
  const script = `window.heard = []; __gpp('ping', (answer) => { window.pinged = answer.cmpStatus; });
__gpp('addEventListener', (event) => window.heard.push(event.eventName + ' ' + event.data));`;
  const asks = widget.replace('<strongroom-consent>', '<strongroom-consent gpp="usnat tcfeuv2">');
  shop.pages = {
    ...shop.pages,
    '/gpp': { html: `<!doctype html><html lang="en"><head><title>A shop</title>${api}<script src="/gpp-vendor.js"></script></head><body><main><h1>A shop</h1></main>${asks}</body></html>`, policy },
    '/gpp-vendor.js': { html: script, type: 'text/javascript' },
  }; // prettier-ignore
  const ping = (page: Page): Promise<Pinged> => page.evaluate<Pinged>('new Promise((done) => __gpp("ping", done))');
  const field = (page: Page, name: string) => page.evaluate(`new Promise((done) => __gpp("getField", done, "usnat.${name}"))`); // prettier-ignore
  const page = await world.window();
  await sharing(page);
  await page.goto(`${shop.origin}/gpp`);
  await page.getByRole('button', { name: 'Accept all' }).waitFor();
  await eventually(async () => (await ping(page)).cmpStatus === 'loaded');
  const asked = await ping(page);
  assert.deepEqual([await page.evaluate('window.pinged'), asked.signalStatus, asked.applicableSections], ['stub', 'not ready', [7, 2]]); // prettier-ignore
  // nothing was ready before the question was there: who had listened would have served ads by it
  assert.ok(!(await page.evaluate<string[]>('window.heard')).includes('signalStatus ready'));
  await page.getByRole('button', { name: 'Accept all' }).click();
  await eventually(async () => (await ping(page)).signalStatus === 'ready');
  const given = await ping(page);
  const { room } = await world.program('dpo');
  const sections = given.gppString.split('~');
  const said = await room.tcf.decode(sections[1] as string);
  assert.deepEqual(
    [said.purposeConsents, sections.length],
    [[1], 3],
    'the string of the TCF is in it, as the server wrote it',
  );
  assert.deepEqual([await field(page, 'SaleOptOutNotice'), await field(page, 'MspaCoveredTransaction')], [1, 2]);
  const optedOut = await field(page, 'SaleOptOut');
  await page.getByRole('button', { name: 'Privacy choices' }).click();
  await page.getByRole('button', { name: 'Refuse all' }).click();
  await eventually(async () => (await ping(page)).signalStatus === 'ready' && (await field(page, 'SaleOptOut')) === 1);
  assert.equal(optedOut, 2, 'what was agreed to, and then not any more');
  for (const name of ['SharingOptOut', 'TargetedAdvertisingOptOut']) assert.equal(await field(page, name), 1, name);
  const heard = await page.evaluate<string[]>('window.heard');
  assert.ok(heard.includes('sectionChange usnat') && heard.includes('signalStatus ready'), heard.join());
  await page.context().close();

  // the signal of a browser: out, whatever is pressed
  const context = await world.browser.newContext({ extraHTTPHeaders: { 'sec-gpc': '1' } });
  const signalled = await context.newPage();
  await sharing(signalled);
  await signalled.goto(`${shop.origin}/gpp`);
  await signalled.getByRole('button', { name: 'Choose' }).click();
  await signalled
    .getByRole('group', { name: /newsletter/ })
    .getByLabel('Yes')
    .check();
  await signalled.getByRole('button', { name: 'Save' }).click();
  await eventually(async () => (await ping(signalled)).signalStatus === 'ready');
  assert.deepEqual([await field(signalled, 'SaleOptOut'), await field(signalled, 'Gpc')], [1, true]);
  await context.close();
}

/** As if the catalogue said that the newsletter's data is shared for advertising. */
const sharing = (page: Page): Promise<unknown> =>
  page.route('**/v1/privacy/choices**', async (route) => {
    const found = await route.fetch();
    if (route.request().method() === 'OPTIONS') return route.fulfill({ response: found });
    const body = (await found.json()) as { purposes: { purpose: string; sharedForAds: boolean }[] };
    for (const each of body.purposes) each.sharedForAds = each.purpose === 'marketing.newsletter';
    return route.fulfill({ response: found, json: body });
  });

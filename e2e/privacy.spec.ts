/** Privacy, as customers and a data protection officer meet it: notice, sign-in by mail, choices, data, requests. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { comeInWithPasskey, eventually, go, looksRight, unfolded } from './pages.ts';
import { saysNoIsKept } from './no-kept.ts';
import { showsEverything } from './rights-proven.ts';
import { rightsAnswered } from './rights-answered.ts';
import { tcfApi } from './tcfapi.ts';
import { openSite, type Site } from './site.ts';
import { vendorList } from './vendor-list.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let world: World;
let officer: Page;
let customer: Page;
let email: string;
let shop: Site;
let hostile: Site;

before(async () => {
  if (skip !== false) return;
  [shop, hostile] = [await openSite(), await openSite()];
  world = await openWorld({ STRONGROOM_SITES: shop.origin, STRONGROOM_CONTROLLER: 'A Shop', STRONGROOM_CONTROLLER_CONTACT: 'privacy@shop.example', STRONGROOM_REGIONS: 'DE' }); // prettier-ignore
  const { room } = await world.program('application');
  email = 'grace@example.org';
  const { id } = await room.records.create({ collection: 'customer', fields: { first_name: 'Grace', last_name: 'Hopper', email, city: 'Arlington', care_notes: 'large print' } }); // prettier-ignore
  await (await world.program('support')).room.records.get(id);
});
after(async () => {
  if (skip !== false) return;
  shop.close();
  hostile.close();
  await world.close();
});

test('an officer reads the draft and publishes it in four languages', { skip }, async () => {
  officer = await comeInWithPasskey(world, 'Olga', 'dpo');
  await go(officer, 'Privacy notice');
  await officer.getByText('not published').waitFor();
  const texts = await readFile(new URL('../examples/notice-texts.json', import.meta.url), 'utf8');
  await officer.getByRole('combobox', { name: 'Languages' }).focus();
  await officer.keyboard.press('ArrowDown');
  for (const name of ['German', 'French', 'Spanish']) await officer.getByRole('option', { name, exact: true }).click();
  await officer.keyboard.press('Escape');
  await officer.getByRole('button', { name: 'Publish' }).click();
  await officer.getByText('PRIVACY_NOTICE_INCOMPLETE').waitFor();
  await officer.getByLabel('Translations').fill(texts);
  await officer.getByRole('button', { name: 'Publish' }).click();
  await officer.getByText('says what is enforced').waitFor();
  await looksRight(world, officer, 'privacy-notice-console');
});

test('anybody reads it without script, in their language, on a phone and on paper', { skip }, async () => {
  const context = await world.browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 }, locale: 'de-DE' }); // prettier-ignore
  const plain = await context.newPage();
  await plain.goto(`${world.url}/center/`);
  await plain.getByText('A Shop ist für Ihre Daten verantwortlich').waitFor();
  await plain.getByRole('link', { name: 'Ausführlich' }).click();
  await plain.getByRole('heading', { name: 'Der monatliche Newsletter' }).waitFor();
  await context.close();

  customer = await world.window();
  await customer.goto(`${world.url}/center/?lang=en`);
  await looksRight(world, customer, 'center-home', 'all');
  await customer.getByRole('link', { name: 'Read it in full' }).click();
  await customer.getByRole('heading', { name: 'The monthly newsletter' }).waitFor();
  await looksRight(world, customer, 'center-notice');
});

/** Of the development mailbox, as somebody of the administration sees it. */
async function codeInMail(): Promise<string> {
  for (let n = 0; n < 600; n += 1) {
    const { messages } = (await world.asked('GET', '/v1/mail/messages')) as { messages: { id: string; kind: string }[] }; // prettier-ignore
    for (const { id } of messages.filter((each) => each.kind === 'privacy.code')) {
      const found = (await world.asked('GET', `/v1/mail/messages/${id}`)) as { content: { text: string } | null };
      const code = /\d{4} \d{4}/.exec(found.content?.text ?? '')?.[0];
      if (code !== undefined) return code;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('no code came');
}

test('a customer signs in by a code, decides, looks, doubts and asks', { skip }, async () => {
  await customer.getByRole('link', { name: 'Sign in' }).click();
  await looksRight(world, customer, 'center-sign-in');
  await customer.getByLabel('E-mail address').fill(email);
  await customer.getByRole('button', { name: 'Send me a code' }).click();
  await customer.getByLabel('Code from the mail').fill(await codeInMail());
  await customer.getByRole('button', { name: 'Go in' }).click();

  const yes = customer.getByRole('button', { name: 'The monthly newsletter: Yes' });
  const no = customer.getByRole('button', { name: 'The monthly newsletter: No' });
  const [wide, narrow] = [await yes.boundingBox(), await no.boundingBox()];
  assert.ok(Math.abs((wide?.width ?? 0) - (narrow?.width ?? 1)) < 1, 'no is as large as yes');
  await yes.click();
  await customer.getByText('Saved. It holds from now on.').waitFor();
  await looksRight(world, customer, 'center-choices', 'all');

  await customer.getByRole('link', { name: 'Your data' }).click();
  assert.equal(await customer.getByText('large print').count(), 0);
  await showsEverything(world, customer, email);
  await customer.getByText('large print').waitFor();
  await looksRight(world, customer, 'center-data');

  await customer.getByRole('link', { name: 'Who saw it' }).click();
  await looksRight(world, customer, 'center-seen', 'all');
  await (await unfolded(customer)).getByRole('button', { name: /^I doubt this look/ }).first().click(); // prettier-ignore
  await customer.getByText('Somebody will look into it').waitFor();

  await customer.getByRole('link', { name: 'Your data' }).click();
  await customer.getByRole('link', { name: /^Correct/ }).click();
  await customer.getByRole('heading', { name: /^Correct: / }).waitFor();
  await customer.getByRole('link', { name: 'Show everything' }).click();
  await customer.getByText('Now: Arlington').waitFor();
  await customer.getByLabel('City').fill('New York');
  await customer.getByLabel('Care notes').fill('no print at all');
  await looksRight(world, customer, 'center-correct', 'all');
  await customer.getByLabel('In your own words').fill('I moved to New York');
  await customer.getByRole('button', { name: 'Send' }).click();
  await customer.getByText('City: received').waitFor();
  assert.equal(await customer.getByText('no print at all').count(), 0, 'names, and no values');
  await customer.getByLabel('Stop using it for now').check();
  await customer.getByRole('button', { name: 'Send' }).click();
  await customer.getByRole('heading', { name: 'Stop using it for now' }).waitFor();
  await looksRight(world, customer, 'center-requests');
});

/** As strict as a page can be: no inline anything, no eval, no text that becomes markup. */
const strict = (): string =>
  `default-src 'none'; script-src 'self' ${world.url}; connect-src ${world.url}; style-src 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types strongroom-consent`;
const pageWith = (snippet: string, more = ''): string =>
  `<!doctype html><html lang="en"><title>A shop</title><main><h1>A shop</h1><p>Things to buy.</p><a href="#end">On</a></main>${more}${snippet}`;
const isCounted = (page: Page): Promise<void> => eventually(async () => (await page.title()) === 'counted');
/** What the widget on the page would let run. */
const allowed = (page: Page): Promise<unknown> =>
  page.evaluate(`[...document.querySelectorAll('script[src^="/counter"]')].map((each) => each.type)`);

test('the widget asks on a site with the strictest policy; yes and no are one size, and no script runs before a yes', { skip }, async () => {
  const { snippet } = (await world.asked('GET', '/v1/privacy/widget')) as { snippet: string };
  const { room } = await world.program('dpo');
  await room.tcf.set({ cmpId: 27, cmpVersion: 1, publisherCountry: 'DE', vendorId: null, purposes: [{ purpose: 'marketing.newsletter', tcf: [1], specialFeatures: [] }], vendors: [12, 34], vendorList });
  const waiting = '<script type="text/plain" data-purpose="marketing.newsletter" src="/counter.js"></script>';
  // the address that people type is not set here: the server names the one it listens on
  const here = snippet.replace(/http:\/\/[^/]+/, world.url);
  shop.pages = {
    '/': { html: pageWith(here, waiting), policy: strict() },
    '/counter.js': { html: 'document.title = "counted";', type: 'text/javascript' },
    '/frame': { html: `<!doctype html><html lang="en"><title>f</title><iframe title="own" src="/"></iframe>` },
  };
  const page = await world.window();
  await page.goto(`${shop.origin}/`);
  const refuse = page.getByRole('button', { name: 'Refuse all' });
  const accept = page.getByRole('button', { name: 'Accept all' });
  await refuse.waitFor();
  const [no, yes] = [await refuse.boundingBox(), await accept.boundingBox()];
  const measures = (box: typeof no): number[] => [box?.width ?? 0, box?.height ?? 1, box?.y ?? 2].map(Math.round);
  assert.deepEqual(measures(no), measures(yes), 'in one line, of one size');
  const look = (name: string): Promise<unknown> => page.getByRole('button', { name }).evaluate('(each) => JSON.stringify([getComputedStyle(each).backgroundColor, getComputedStyle(each).color, getComputedStyle(each).fontWeight])');
  assert.equal(await look('Refuse all'), await look('Accept all'));
  assert.equal(await page.evaluate('document.activeElement.tagName'), 'BODY', 'who reads the page is not taken away from it');
  assert.deepEqual([await allowed(page), await page.evaluate('JSON.stringify(localStorage)')], [['text/plain'], '{}']);
  await looksRight(world, page, 'widget', 'all');

  // by keyboard alone
  await page.getByRole('link', { name: 'On' }).focus();
  for (const name of ['Privacy notice', 'Partners: 2', 'Refuse all', 'Accept all', 'Choose']) {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.shadowRoot.activeElement.textContent'), name);
  }
  await page.keyboard.press('Enter');
  await page.getByText('Partners: 2').click();
  await page.getByRole('link', { name: 'Advertiser 34' }).waitFor();
  await looksRight(world, page, 'widget-choices', 'all');
  const newsletter = page.getByRole('group', { name: /newsletter/ });
  assert.equal(await newsletter.getByLabel('No').isChecked(), true);
  await newsletter.getByLabel('No').focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('button', { name: 'Save' }).focus();
  await page.keyboard.press('Enter');
  const again = page.getByRole('button', { name: 'Privacy choices' });
  await again.waitFor();
  await isCounted(page);
  await looksRight(world, page, 'widget-after');

  const said = await room.tcf.decode(String(await page.evaluate('document.querySelector("strongroom-consent").choices.tcString()')));
  assert.deepEqual([said.purposeConsents, said.vendorsDisclosed, said.vendorConsents], [[1], [12, 34], [12, 34]], 'a page reads which string holds');
  await page.reload();
  await isCounted(page);
  assert.equal(await refuse.count(), 0, 'who has answered is not asked again');
  await again.press('Enter');
  assert.equal(await page.evaluate('document.activeElement.shadowRoot.activeElement.textContent'), 'Your privacy');
  await page.keyboard.press('Escape');
  await again.click();
  await refuse.click();
  await again.waitFor();
  await page.reload();
  await again.waitFor();
  assert.deepEqual(await allowed(page), ['text/plain'], 'taken back as easily');

  // the server is away: it is said in words, what was picked stays, and the same press sends it again
  await again.click();
  await page.getByRole('button', { name: 'Choose' }).click();
  await newsletter.getByLabel('Yes').check();
  const line = `${world.url}/v1/privacy/choices`;
  await page.route(line, (route) => route.abort());
  await page.getByRole('button', { name: 'Save' }).press('Enter');
  await page.getByRole('alert').getByText('This was not saved').waitFor();
  assert.equal(await newsletter.getByLabel('Yes').isChecked(), true);
  assert.deepEqual(await allowed(page), ['text/plain'], 'nothing runs that was not recorded');
  assert.equal(await page.evaluate('document.activeElement.shadowRoot.activeElement.textContent'), 'Save');
  await looksRight(world, page, 'widget-not-saved', 'all');
  await page.unroute(line);
  await saysNoIsKept(page, line, newsletter);
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByText('Saved').waitFor();
  await isCounted(page);
  await again.click();
  await refuse.click();
  await again.waitFor();
  await page.reload();
  await again.waitFor();

  // by a script of the page nobody is made to agree
  await again.click();
  await page.evaluate('document.querySelector("strongroom-consent").shadowRoot.querySelectorAll(".actions button")[1].click()');
  await page.evaluate('postMessage({ type: "strongroom-choices", answers: { "marketing.newsletter": true } }, "*")');
  assert.equal(await refuse.isVisible(), true);
  assert.deepEqual(await allowed(page), ['text/plain']);
  await page.goto(`${shop.origin}/frame`);
  await page.frameLocator('iframe').getByRole('button', { name: 'Privacy choices' }).waitFor();
  await page.context().close();

  // the signal: shown, and left out of "accept all"
  const context = await world.browser.newContext({ extraHTTPHeaders: { 'sec-gpc': '1' }, locale: 'de-DE' });
  const signalled = await context.newPage();
  await signalled.goto(`${shop.origin}/`);
  await signalled.getByText('Global Privacy Control').waitFor();
  await signalled.getByRole('button', { name: 'Accept all' }).click();
  await signalled.getByRole('button', { name: 'Privacy choices' }).waitFor();
  const state = await signalled.evaluate<{ gpc: boolean; purposes: { used: boolean; sharedForAds: boolean }[] }>('document.querySelector("strongroom-consent").choices.get()');
  assert.equal(state.gpc, true);
  assert.deepEqual(state.purposes.filter(({ used, sharedForAds }) => used && sharedForAds), []);
  await context.close();
}); // prettier-ignore

test('a hostile page gets nothing: not from its own origin, not by framing, not by messages', { skip }, async () => {
  const { snippet } = (await world.asked('GET', '/v1/privacy/widget')) as { snippet: string };
  const here = snippet.replace(/http:\/\/[^/]+/, world.url);
  hostile.pages = {
    '/': { html: pageWith(here) },
    '/frames': { html: `<!doctype html><html lang="en"><title>f</title><iframe name="shop" src="${shop.origin}/"></iframe><iframe name="center" src="${world.url}/center/?lang=en"></iframe>` },
    '/changed': { html: pageWith(here.replace(/sha384-..../, 'sha384-AAAA')) },
  };
  const context = await world.browser.newContext();
  const page = await context.newPage();
  const answers: number[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/v1/privacy/choices')) answers.push(response.status());
  });

  await page.goto(`${hostile.origin}/`);
  await page.waitForLoadState('networkidle');
  assert.equal(await page.getByRole('button').count(), 0, 'the widget shows nothing there');
  const tries = [
    `fetch("${world.url}/v1/privacy/choices").then((answer) => answer.text())`,
    `fetch("${world.url}/v1/privacy/choices", { credentials: "include", method: "POST", headers: { "content-type": "application/json" }, body: '{"answers":[{"purpose":"marketing.newsletter","answer":"yes"}]}' }).then((answer) => answer.text())`,
    `fetch("${world.url}/v1/privacy/choices", { mode: "no-cors", method: "POST", body: '{"answers":[{"purpose":"marketing.newsletter","answer":"yes"}]}' }).then((answer) => answer.text()).then((text) => text || "nothing")`,
    `document.querySelector("strongroom-consent").choices.set({ "marketing.newsletter": true })`,
  ];
  for (const each of tries) assert.match(String(await page.evaluate(`${each}.catch(() => "nothing")`)), /^nothing$/, each);
  assert.deepEqual([answers.length > 0, answers.filter((status) => status < 400)], [true, []], 'and the server took none of it');

  await page.goto(`${hostile.origin}/frames`);
  const [framed] = page.frames().filter((frame) => frame.name() === 'shop');
  await eventually(async () => (await framed?.evaluate('customElements.get("strongroom-consent") !== undefined')) === true);
  assert.equal(await framed?.getByRole('button').count(), 0, 'framed, there is nothing to be clicked');
  await page.evaluate(`frames[0].postMessage({ type: "strongroom-choices", answers: { "marketing.newsletter": true } }, "*")`);
  const set = await framed?.evaluate('import(document.querySelector("script[src*=widget]").src).then(({ createChoices }) => createChoices({ server: document.querySelector("script[src*=widget]").src }).set({ "marketing.newsletter": true })).then(() => "set", (thrown) => thrown.code)');
  assert.equal(set, 'SDK_FRAMED');
  const [center] = page.frames().filter((frame) => frame.name() === 'center');
  assert.equal(await center?.getByText('Privacy notice').count(), 0, 'the center is not framed at all');

  await page.goto(`${hostile.origin}/changed`);
  await page.waitForLoadState('networkidle');
  assert.equal(await page.evaluate('customElements.get("strongroom-consent") === undefined'), true, 'another script than its hash says does not run');
  await context.close();
  await tcfApi(world, shop, hostile);
}); // prettier-ignore

test('the officer answers, and the customer reads the answer', { skip }, async () => {
  await rightsAnswered(world, officer, customer);
  assert.deepEqual(world.complaints, []);
  assert.deepEqual(world.faults, []);
});

/** Every page of the center in every language, on a phone and on a desktop: nothing is left in English, and nothing is wider than the page. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { MESSAGES } from '#practices/privacy';

import { comeInWithPasskey, eventually, go, unfolded } from './pages.ts';
import { openWorld, shot, whyNot, type World } from './world.ts';

const skip = whyNot();
const EMAIL = 'grace@example.org';
const OTHERS = ['de', 'fr', 'es'] as const;
let world: World;
let subject: string;

before(async () => {
  if (skip !== false) return;
  world = await openWorld({ STRONGROOM_CONTROLLER: 'A Shop', STRONGROOM_CONTROLLER_CONTACT: 'privacy@shop.example', STRONGROOM_REGIONS: 'DE' }); // prettier-ignore
  const { room } = await world.program('application');
  const made = await room.records.create({ collection: 'customer', fields: { first_name: 'Grace', last_name: 'Hopper', email: EMAIL, city: 'Arlington', phone: '+47 22 22 22 21', care_notes: 'large print' } }); // prettier-ignore
  subject = made.subjectId;
  await (await world.program('support')).room.records.get(made.id);
  await (await world.program('support')).room.search.page({ collection: 'customer', where: { email: EMAIL } });
  const officer = await comeInWithPasskey(world, 'Olga', 'dpo');
  await go(officer, 'Privacy notice');
  await officer.getByRole('combobox', { name: 'Languages' }).focus();
  await officer.keyboard.press('ArrowDown');
  for (const name of ['German', 'French', 'Spanish']) await officer.getByRole('option', { name, exact: true }).click();
  await officer.keyboard.press('Escape');
  await officer.getByLabel('Translations').fill(await readFile(new URL('../examples/notice-texts.json', import.meta.url), 'utf8')); // prettier-ignore
  await officer.getByRole('button', { name: 'Publish' }).click();
  await officer.getByText('says what is enforced').waitFor();
  await officer.context().close();
});
after(() => (skip === false ? world.close() : undefined));

const appLink = async (): Promise<string> => {
  const own = await world.program('customer-sign-in');
  const { url } = await own.room.privacyRequests.assertSignedIn({ subject, factors: 2, signedInAt: new Date().toISOString() }); // prettier-ignore
  return new URL(url).pathname;
};
/** Of the catalogue, in English. */
const CATALOGUE = [
  'Learning from numbers',
  'Telling people about us',
  'What is bought, and where',
  'Answering a',
  'Customers',
  'Care notes',
  'Last name',
];
/** Words of the center that are there in English alone: what a page of another language must not show. */
const leftIn = (language: (typeof OTHERS)[number], text: string): string[] => {
  const own = new Set<string>(Object.values(MESSAGES[language]));
  const pieces = Object.values(MESSAGES.en).flatMap((message) => (own.has(message) ? [] : message.split(/\{[^}]*\}/)));
  return pieces.map((each) => each.trim()).filter((each) => /\w+ \w+ \w+/.test(each) && text.includes(each));
};
async function looked(page: Page, path: string, name: string, language: (typeof OTHERS)[number]): Promise<void> {
  await page.goto(`${world.url}${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
  await seen(page, name, language);
}
async function seen(page: Page, name: string, language: (typeof OTHERS)[number]): Promise<void> {
  assert.equal(await page.locator('html').getAttribute('lang'), language, name);
  const text = await page.locator('body').innerText();
  assert.deepEqual(leftIn(language, text), [], `${language} ${name}`);
  assert.deepEqual(CATALOGUE.filter((each) => text.includes(each)), [], `${language} ${name}`);
  assert.doesNotMatch(text, /undefined|\{\w+|role\.|did\.|state\./, `${language} ${name}`);
  for (const [width, at] of [[1280, 'desktop'], [390, 'phone']] as const) {
    await page.setViewportSize({ width, height: 844 });
    await shot(page, `${language}-${name}-${at}`);
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(wide <= width, `${language} ${name} is ${wide} wide`);
  }
} // prettier-ignore

/** What is sent is answered with another page: that one is looked at. */
async function sends(page: Page, button: string): Promise<void> {
  const loaded = page.waitForEvent('load');
  await page.locator(button).first().click();
  await loaded;
}

for (const language of OTHERS)
  test(`in ${language} every page of the center is whole`, { skip }, async () => {
    const page = await world.window();
    const { room } = await world.program('dpo');
    for (const [path, name] of [['', 'home'], ['notice', 'notice'], ['sign-in', 'sign-in']] as const)
      await looked(page, `/center/${path}`, name, language);
    await page.locator('input[name=email]').fill(`nobody-${language}@example.org`);
    await sends(page, 'main button');
    await seen(page, 'code', language);
    await page.locator('input[name=code]').fill('0000 0000');
    await sends(page, 'main button');
    await seen(page, 'code-wrong', language);

    const link = await appLink();
    await looked(page, link, 'app', language);
    // another language is another look at the same page
    await page.locator('footer a[hreflang=en]').click();
    await page.getByRole('button', { name: 'Go in' }).waitFor();
    await page.goto(`${world.url}${link}?lang=${language}`);
    await page.locator('main button').click();
    await page.locator('.choice').first().waitFor(); // prettier-ignore
    for (const [path, name] of [['preferences', 'preferences'], ['data', 'data'], ['data?show=all', 'data-shown'], ['prove', 'prove'], ['prove/code', 'prove-code']] as const)
      await looked(page, `/center/${path}`, name, language);

    // a request of every kind, in states that say different things
    for (const kind of ['erasure', 'restriction', 'objection', 'review'] as const) {
      await page.goto(`${world.url}/center/requests?lang=${language}`);
      await page.locator(`input[value=${kind}]`).check();
      await page.locator('main form button').last().click(); // prettier-ignore
      await page.locator('.told').waitFor();
    }
    const open = (await room.privacyRequests.list()).requests.filter((each) => each.subject === subject);
    const idOf = (kind: string): string => open.find((each) => each.kind === kind)?.id as string;
    await room.privacyRequests.take({ how: 'letter', subject, kind: 'erasure', asker: 'unheld' });
    await room.privacyRequests.clarify(idOf('erasure'), { question: 'identity', words: '…', stop: true, how: 'otherwise' });
    await room.privacyRequests.clarify(idOf('objection'), { question: 'detail', words: '…' });
    await room.privacyRequests.reply(idOf('objection'), { words: '…', how: 'letter', asker: 'unheld' });
    await room.privacyRequests.decide(idOf('review'), { decision: 'refuse', answer: '…' });
    await room.privacyRequests.decide(idOf('restriction'), { decision: 'extend', answer: '…' });
    await looked(page, '/center/requests', 'requests', language);
    await eventually(async () => {
      await page.goto(`${world.url}/center/seen?lang=${language}`);
      return (await page.locator('.seen li').count()) > 3;
    });
    await seen(page, 'seen', language);
    await unfolded(page);
    await sends(page, '.seen form button');
    await seen(page, 'doubted', language);
    for (const { id } of (await room.privacyRequests.list()).requests) await room.privacyRequests.withdraw(id, { how: 'telephone' });
    await looked(page, '/center/requests', 'withdrawn', language);
    await page.context().close();
  }); // prettier-ignore

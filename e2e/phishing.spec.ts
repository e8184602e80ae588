/** Phishing exercises as people meet them: planned in the console, received by mail, followed or reported. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import type { Page } from 'playwright-core';

import { freePort } from './free-port.ts';
import { openMailServer, type MailServer } from './mail-server.ts';
import { choose, comeInWithPasskey, eventually, go, looksRight, PASSWORD } from './pages.ts';
import { openWorld, whyNot, type World } from './world.ts';

const skip = whyNot();
let mail: MailServer;
let origin: string;
let world: World;
let officer: Page;

before(async () => {
  if (skip !== false) return;
  mail = await openMailServer();
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  world = await openWorld({
    STRONGROOM_SMTP_URL: mail.url, STRONGROOM_MAIL_FROM: 'room@example.org',
    STRONGROOM_PHISHING_URL: origin, STRONGROOM_PHISHING_PORT: String(port), STRONGROOM_HELP_DESK: 'desk@example.org',
    // at whatever hour this runs
    STRONGROOM_BUSINESS_HOURS: 'UTC Mon-Sun 00:00-23:59',
  }); // prettier-ignore
});
after(async () => {
  if (skip !== false) return;
  await mail.close();
  await world.close();
});

/** Exercises are for ten people or more. */
async function nineMore(role: string): Promise<void> {
  for (let n = 1; n < 10; n += 1) {
    const { token } = await world.admin.people.invite({
      email: `${role}${n}@example.org`,
      name: `Nine ${n}`,
      roles: [role],
    });
    const accepted = await fetch(`${world.url}/v1/access/people/accept`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token, password: PASSWORD }) }); // prettier-ignore
    assert.equal(accepted.status, 201, await accepted.text());
  }
}

test('an officer plans one, sees that nobody is named, and stops it', { skip }, async () => {
  officer = await comeInWithPasskey(world, 'Olga', 'dpo');
  await comeInWithPasskey(world, 'Sam', 'support');
  await go(officer, 'Phishing exercises');
  await officer.getByText('No exercise yet').waitFor();
  await officer.getByRole('button', { name: 'Plan an exercise' }).click();
  await officer.getByRole('textbox', { name: 'Name' }).fill('Spring');
  await officer.getByRole('combobox', { name: 'Mail' }).click();
  await officer.getByRole('option').first().click();
  await officer.getByText(/It is given away by/).waitFor();
  await officer.getByRole('combobox', { name: 'Roles' }).focus();
  await officer.keyboard.press('ArrowDown');
  await officer.getByRole('option', { name: 'support', exact: true }).click();
  await officer.keyboard.press('Escape');
  await choose(officer, 'Within', '3 days');
  await officer.getByRole('button', { name: 'Plan it' }).click();
  // one person is no group
  await officer.getByText('EDUCATION_GROUP_SMALL').waitFor();
  await nineMore('support');
  await officer.getByRole('button', { name: 'Plan it' }).click();
  await officer.getByText('Planned for 10 people').waitFor();
  await officer.getByText('Close', { exact: true }).click();
  await officer.getByRole('button', { name: 'Stop Spring' }).click();
  await officer.getByRole('button', { name: 'Stop', exact: true }).click();
  await officer.getByText('stopped', { exact: true }).waitFor();
  assert.ok(!(await officer.locator('main').innerText()).includes('Sam'));
  await eventually(() => Promise.resolve(mail.got.some(({ to }) => to === 'desk@example.org')));
  await looksRight(world, officer, 'phishing', 'all');
});

test(
  'somebody gets one, follows it and is told; reports another, and the security team sees what is none',
  { skip },
  async () => {
    const page = await comeInWithPasskey(world, 'Rita', 'billing');
    await nineMore('billing');
    const { room } = await world.program('dpo');
    const now = Date.now();
    const planned = await room.phishing.plan({
    name: 'Now', template: 'mfa-reenrol', mode: 'people', roles: ['billing'],
    from: new Date(now - 60_000).toISOString(), until: new Date(now + 100_000).toISOString(),
  }); // prettier-ignore
    assert.equal(planned.recipients, 10);
    // a reminder of a course may come as well
    const mine = () => mail.got.filter(({ to }) => to === 'rita@example.org').map(({ raw }) => raw.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=')).find((plain) => plain.includes(`${origin}/`)); // prettier-ignore
    for (let n = 0; n < 600 && mine() === undefined; n += 1) await new Promise((resolve) => setTimeout(resolve, 1000));
    const raw = mine() ?? '';
    const token = raw.slice(raw.indexOf(`${origin}/`) + origin.length + 1).slice(0, 22);
    await new Promise((resolve) => setTimeout(resolve, 15_000));

    const lured = await world.window();
    await lured.goto(`${origin}/${token}`);
    await lured.mouse.move(30, 30);
    await lured.waitForTimeout(300);
    await lured.mouse.move(90, 120);
    await looksRight(world, lured, 'phishing-landing', 'all');
    await lured.getByLabel('Password').fill('never to be sent');
    await Promise.all([
      lured.waitForResponse((each) => each.url() === `${origin}/b` && (each.request().postData() ?? '').includes('"submit"')), // prettier-ignore
      lured.getByRole('button', { name: 'Continue' }).click(),
    ]);
    await lured.getByRole('heading', { name: 'This was an exercise, and nothing has happened' }).waitFor();
    await looksRight(world, lured, 'phishing-told', 'all');

    await go(page, 'Report something');
    await page.getByText('filled in its form').waitFor();
    await page.getByLabel('or its link, or what it says').fill(`is ${origin}/${token} real?`);
    await page.getByRole('button', { name: 'Report the mail' }).click();
    await page.getByText('That was an exercise of ours').waitFor();
    await page.getByLabel('or its link, or what it says').fill('https://pay-now.test/ asks for my card');
    await page.getByRole('button', { name: 'Report the mail' }).click();
    await page.getByText('It is with the security team now').waitFor();
    await page.getByText('reading in clear takes your passkey').waitFor();
    await looksRight(world, page, 'phishing-report', 'all');

    // that a mail left is noted within a few seconds
    const shares = officer.getByRole('list', { name: /of those who got one/ });
    await eventually(async () => {
      await officer.reload();
      await officer.getByText('Minutes until the first report').waitFor();
      return (await shares.count()) > 0;
    });
    await officer.getByRole('button', { name: /^phish: https:\/\/pay-now/ }).click();
    await officer.getByRole('button', { name: /^harmless: https:\/\/pay-now/ }).waitFor();
    assert.ok(!(await officer.locator('main').innerText()).includes('Rita'));
    await looksRight(world, officer, 'phishing-results', 'all');
  },
);

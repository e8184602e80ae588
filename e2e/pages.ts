/** What the specs do on any page. */
import type { TOTP } from 'otpauth';
import type { Page } from 'playwright-core';

import { learns } from './learns.ts';
import { accessibilityFaults, shot, takesPictures, type World } from './world.ts';

export const PASSWORD = 'a long sentence, for a password';
const PHONE = { width: 390, height: 844 };

export async function comeIn(
  world: World,
  page: Page,
  token: string,
  who: { name?: string; email?: string },
): Promise<void> {
  await page.goto(`${world.url}/console/welcome#${token}`);
  for (const [field, value] of Object.entries(who)) await page.fill(`input[name=${field}]`, value);
  await page.fill('input[name=password]', PASSWORD);
  await page.click('button[type=submit]');
  await page.getByRole('heading', { name: 'My sign-in' }).waitFor();
}
/** And learns what the role asks for. */
export async function addPasskey(page: Page): Promise<void> {
  await addPasskeyAlone(page);
  await learns(page);
}
/** On "My sign-in", with an authenticator of the browser's own that confirms by itself. */
export async function addPasskeyAlone(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true,
  } as const; // prettier-ignore
  await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
  await page.getByLabel('Name of a new one').fill('this laptop');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('Keep these recovery codes').waitFor();
}
/** Somebody new, invited by the administrator's key, who signs in with a passkey from now on. */
export async function comeInWithPasskey(world: World, name: string, role: string): Promise<Page> {
  const email = `${name.toLowerCase()}@example.org`;
  const page = await world.window();
  await comeIn(world, page, (await world.admin.people.invite({ email, name, roles: [role] })).token, {});
  await addPasskey(page);
  return page;
}
/** Of an app: the code of now, which is taken for half a minute at least, and the next, when its time has come (RFC 6238). */
export function codesOf(app: TOTP): [string, () => Promise<string>] {
  const stepNow = (): number => Math.floor(Date.now() / 30_000);
  const codeOf = (step: number): string => app.generate({ timestamp: step * 30_000 });
  const first = stepNow();
  const next = async (): Promise<string> => {
    await eventually(() => Promise.resolve(stepNow() > first));
    return codeOf(stepNow());
  };
  return [codeOf(first), next];
}
/** In another window: not by the password alone, nor by a code that was used; by the next one. */
export async function comesInByCode(
  world: World,
  email: string,
  [used, next]: [string, () => Promise<string>],
): Promise<void> {
  const page = await world.window();
  await page.goto(`${world.url}/`);
  await page.fill('input[name=email]', email);
  const tryWith = async (code: string): Promise<void> => {
    await page.fill('input[name=password]', PASSWORD);
    await page.fill('input[name=code]', code);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  await tryWith('');
  await page.getByRole('alert').waitFor();
  await tryWith(used);
  await page.getByText('ACCESS_SIGN_IN_REFUSED').waitFor();
  await tryWith(await next());
  await page.getByRole('button', { name: /Ada Admin/ }).waitFor();
  await page.context().close();
}
/** By looking again and again from outside: a page without eval lets nothing be waited for inside. */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let n = 0; n < 1200; n += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come to be');
}
export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}
/** By the menu, as a person goes. */
export const go = async (page: Page, place: string): Promise<void> => {
  await page.getByRole('navigation', { name: 'places' }).getByRole('link', { name: place, exact: true }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
};
/** On a busy machine half a page may still have the colours of before: what is judged is drawn. */
async function drawnIn(page: Page, scheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme: scheme });
  const drawn = `(() => {
    const now = document.documentElement.dataset.mantineColorScheme;
    return (now === undefined || now === '${scheme}') && document.getAnimations().every((each) => !(each instanceof CSSTransition));
  })()`;
  // one who chose a scheme by hand keeps it
  // waitForFunction evaluates inside the page, which its policy forbids
  for (let looks = 0; looks < 100 && !(await page.evaluate<boolean>(drawn)); looks += 1) await page.waitForTimeout(50);
}

/**
 * Takes pictures, light on a desktop and dark on a phone, and keeps what axe-core and the width say against the page.
 * Both schemes and both sizes are seen on every page; `all` has it dark on the desktop too, for what a phone hides.
 */
export async function looksRight(
  world: World,
  page: Page,
  name: string,
  seen: 'apart' | 'all' = 'apart',
): Promise<void> {
  await page.waitForLoadState('networkidle');
  for (const scheme of seen === 'all' ? (['light', 'dark'] as const) : (['light'] as const)) {
    await drawnIn(page, scheme);
    await shot(page, `${name}-${scheme}`);
    world.faults.push(...(await accessibilityFaults(page)).map((fault) => `${name}, ${scheme}: ${fault}`));
  }
  if (seen === 'apart') await lookedAt(page, 'dark', `${name}-dark`);
  await page.setViewportSize(PHONE);
  await lookedAt(page, 'light', `${name}-phone-light`);
  await drawnIn(page, 'dark');
  await shot(page, `${name}-phone`);
  const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
  if (wide > PHONE.width) world.faults.push(`${name} is ${wide} wide on a phone`);
  world.faults.push(...(await accessibilityFaults(page)).map((fault) => `${name}, phone: ${fault}`));
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.emulateMedia({ colorScheme: 'light' });
}

/** One more picture for whoever looks through all of them: which nobody does in most runs. */
async function lookedAt(page: Page, scheme: 'light' | 'dark', name: string): Promise<void> {
  if (!takesPictures()) return;
  await drawnIn(page, scheme);
  await shot(page, name);
}

/** What stands folded on the page is opened, all of it. */
export async function unfolded(page: Page): Promise<Page> {
  await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
  return page;
}

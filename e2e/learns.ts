/** Somebody learns and signs what their role asks for, by the session of a page; the page itself stays where it is. */
import type { Page } from 'playwright-core';

import { callsTo } from '../server/testing.ts';
import { taught } from '../server/testing-taught.ts';

export async function learns(page: Page): Promise<void> {
  const { origin } = new URL(page.url());
  const cookies = await page.context().cookies(origin);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  if ((await taught({ call: callsTo([origin]) }, cookie)) === 0) return;
  // what one may do was asked before
  await page.reload();
  await page.getByRole('heading', { name: 'My sign-in' }).waitFor();
}

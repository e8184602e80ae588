/** A no is kept while the yes beside it has to wait: the widget does not say that nothing changed. */
import assert from 'node:assert/strict';

import type { Locator, Page } from 'playwright-core';

/** @param line where choices are sent @param purpose what is agreed to; the button that sends it has the focus */
export async function saysNoIsKept(page: Page, line: string, purpose: Locator): Promise<void> {
  await page.route(line, (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    return route.fulfill({ status: 429, headers: { 'access-control-allow-origin': '*' }, json: { code: 'PRIVACY_NO_KEPT', detail: '' } }); // prettier-ignore
  });
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('Your no is saved').waitFor();
  assert.equal(await purpose.getByLabel('Yes').isChecked(), true);
  await page.unroute(line);
}

/** The browser that tests look with: the one of the machine. */
import { existsSync } from 'node:fs';

import type { Browser } from 'playwright-core';

/** Without the windows that nobody sees, where there is such a one: half the work. */
const BROWSERS = [
  '/usr/lib/chromium/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--no-first-run',
  // a page is looked at for a second or two: what compiling its script takes never comes back (a fifth of a spec's CPU)
  '--js-flags=--jitless',
]; // prettier-ignore

/** Null where there is no browser: what needs one is skipped and says so. */
export const browserPath = (): string | null => BROWSERS.find((path) => existsSync(path)) ?? null;

export async function openBrowser(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === null) throw new Error('there is no Chromium');
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: ARGS });
}

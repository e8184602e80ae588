/**
 * A whole system and a browser for the specs of this folder: as a person finds them, nothing in between. The system runs in the
 * process of the tests, where the one before it has warmed what it is made of; that the program starts is tried elsewhere.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { childEnvironment, readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { browserPath, freshDatabase, openBrowser, type FreshDatabase } from '#platform/testing';
import { createStrongroom, type Strongroom } from '@strongroom/sdk';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';

import { composeSystem } from '../server/compose.ts';
import { MIGRATIONS } from '../server/migrations.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The console is made by `npm ci`; a checkout without it has nothing to look at. */
export const whyNot = (): string | false =>
  browserPath() === null
    ? 'there is no Chromium'
    : !existsSync(join(ROOT, 'web/dist/console/index.html')) && 'the console is not built: npm run build';

export type World = Readonly<{
  url: string;
  home: string;
  /** Its own: what a test alone may do to it. */
  db: FreshDatabase['db'];
  browser: Browser;
  /** By the administrator's key. */
  admin: Strongroom;
  /** Asks for JSON by the administrator's key. */
  asked: (method: string, path: string) => Promise<unknown>;
  /** Asks as a program with a new key of that role. */
  program: (role: string) => Promise<{ room: Strongroom; key: string }>;
  /** Runs the CLI with that key. @throws Error when it ends with another code than 0 */
  cli: (key: string, ...args: readonly string[]) => Promise<void>;
  /** A window of its own, with its own cookies; what the page complains of is kept in `complaints`. */
  window: (size?: { width: number; height: number }) => Promise<Page>;
  complaints: string[];
  /** What was found against pages, of all of them: one run tells it all. */
  faults: string[];
  close: () => Promise<void>;
}>;

export async function openWorld(settings: Readonly<Record<string, string>> = {}): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'sr-e2e-'));
  const fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const config = readConfig({
    ...settings,
    DATABASE_URL: fresh.url,
    STRONGROOM_HOME: home,
    STRONGROOM_LOG: 'silent',
  });
  const system = await composeSystem(config, createLog('silent'));
  const { port } = new URL(await system.http.listen({ host: '127.0.0.1', port: 0 }));
  // by name: a passkey belongs to a name, never to an address
  const url = `http://localhost:${port}`;
  const browser = await openBrowser();
  const complaints: string[] = [];
  const key = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  const admin = createStrongroom({ url, key });
  return {
    url,
    home,
    db: fresh.db,
    browser,
    admin,
    complaints,
    faults: [],
    asked: async (method, path) =>
      (await fetch(`${url}${path}`, { method, headers: { authorization: `Bearer ${key}` } })).json(),
    program: async (role) => {
      const { key } = await admin.keys.create({ name: `e2e ${role}`, role });
      return { key, room: createStrongroom({ url, key, purpose: 'service.support' }) };
    },
    cli: async (key, ...args) => {
      const child = spawn(process.execPath, ['cli/main.ts', ...args], {
        cwd: ROOT,
        env: childEnvironment({ STRONGROOM_URL: url, STRONGROOM_KEY: key, STRONGROOM_HOME: home }),
        stdio: 'ignore',
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`strongroom ${args.slice(0, 2).join(' ')} ended with ${code}`);
    },
    window: async (viewport = { width: 1280, height: 860 }) => {
      const permissions = ['clipboard-read', 'clipboard-write'];
      // what slides and fades is drawn sixty times a second, for nobody
      const context = await browser.newContext({ viewport, permissions, reducedMotion: 'reduce' });
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        // an answer that refuses is a line of the browser's own; the page shows it in words
        if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
          complaints.push(message.text());
      });
      return page;
    },
    close: async () => {
      await browser.close();
      await system.close();
      await fresh.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Nothing that axe-core finds against WCAG 2.2 A and AA. @returns what it found, in words */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>('window.axe !== undefined'))) await page.evaluate(axe.source);
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  type Found = { id: string; help: string; nodes: { html: string }[] }[];
  const found = await page.evaluate<Found>(
    `axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(tags)} }, resultTypes: ['violations'], preload: false, selectors: false }).then((done) => done.violations)`,
  );
  return found.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html.slice(0, 200) ?? ''}`);
}

/** Where STRONGROOM_TEST_PICTURES asks for them: nobody looks at most runs. */
export const takesPictures = (): boolean => process.env.STRONGROOM_TEST_PICTURES !== undefined;

/** A picture for whoever wants to look. */
export async function shot(page: Page, name: string): Promise<void> {
  if (!takesPictures()) return;
  const folder = join(ROOT, 'e2e/shots');
  await mkdir(folder, { recursive: true });
  // what stays in view while one scrolls would stand in the middle of the whole page
  await page.evaluate('scrollTo(0, 0)');
  // a change of scheme is drawn in the next frame: what was half drawn is nothing to look at
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

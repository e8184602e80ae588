/**
 * postgres.js as it is used here: mended where it is loaded, as an instance of its own. Whoever else imports the package has it as it is.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

import type Postgres from 'postgres';

import { MENDED_VERSION, MENDS, type Mend } from './mends.ts';

const MARK = '?mended';
const ENTRY = import.meta.resolve('postgres');
const FOLDER = new URL('./', ENTRY).href;

/** @throws where a piece is not there exactly once: another version of the driver wants to be looked at anew */
export function mended(source: string, mends: readonly Mend[]): string {
  return mends.reduce((text, { file, from, to }) => {
    if (text.split(from).length !== 2)
      throw new Error(`postgres.js: ${file} is not that of version ${MENDED_VERSION}: look at platform/db/mends.ts`);
    return text.replace(from, () => to);
  }, source);
}

const hooks = registerHooks({
  resolve: (specifier, context, next) => {
    const found = next(specifier, context);
    const isOurs = context.parentURL?.endsWith(MARK) === true && found.url.startsWith(FOLDER);
    return isOurs ? { ...found, url: `${found.url}${MARK}` } : found;
  },
  load: (url, context, next) => {
    const mends = url.endsWith(MARK) ? MENDS.filter(({ file }) => url === `${FOLDER}${file}${MARK}`) : [];
    if (mends.length === 0) return next(url, context);
    return { format: 'module', source: mended(readFileSync(new URL(url), 'utf8'), mends), shortCircuit: true };
  },
});
const loaded = (await import(`${ENTRY}${MARK}`)) as { default: typeof Postgres };
hooks.deregister();

export const postgres = loaded.default;

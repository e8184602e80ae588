/** Plants a mutant into a program that is about to start: one file of it is another one, on its way from the disk. */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

import type { Mutant } from './mutant.ts';

/** @returns null when what it looks for does not stand in the text exactly once: then it changes nothing any more */
export function mutated(source: string, { find, replace }: Pick<Mutant, 'find' | 'replace'>): string | null {
  const at = source.indexOf(find);
  if (at < 0 || source.includes(find, at + 1) || find === replace) return null;
  return source.slice(0, at) + replace + source.slice(at + find.length);
}

/** The text of a module for `node --import`. @param root of the project */
export const hookFor = (root: string, { file, find, replace }: Mutant): string => `
import { registerHooks } from 'node:module';
const target = ${JSON.stringify(pathToFileURL(join(root, file)).href)};
const [find, replace] = ${JSON.stringify([find, replace])};
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (url.split('?')[0] !== target) return loaded;
    const source = Buffer.isBuffer(loaded.source) || loaded.source instanceof Uint8Array ? Buffer.from(loaded.source).toString('utf8') : String(loaded.source);
    if (source.split(find).length !== 2) throw new Error('the mutant does not fit its file any more');
    return { ...loaded, source: source.replace(find, () => replace) };
  },
});
`;

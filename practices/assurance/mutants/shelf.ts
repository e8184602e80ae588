/** All mutants of the folder. */
import { readdir } from 'node:fs/promises';

import type { Mutant } from './mutant.ts';

const OURS: ReadonlySet<string> = new Set(['mutant.ts', 'published.ts', 'shelf.ts', 'plant.ts', 'mutants.test.ts']);

export async function readMutants(): Promise<readonly Mutant[]> {
  const folder = new URL('./', import.meta.url);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !OURS.has(name)).toSorted();
  return Promise.all(
    names.map(async (name) => ((await import(new URL(name, folder).href)) as { default: Mutant }).default),
  );
}

/** How many of the planted faults the control tests caught when they were last counted: `npm run mutants` writes it. */
import { readFile } from 'node:fs/promises';

export type Published = Readonly<{ killed: number; mutants: number; at: string; version: string }>;

/** @returns null where nobody has counted */
export async function publishedKills(): Promise<Published | null> {
  const text = await readFile(new URL('killed.json', import.meta.url), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as Published);
}

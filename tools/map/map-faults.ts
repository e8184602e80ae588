/**
 * What is untrue in the map of the project: practices without their places, a README or ARCHITECTURE.md that names
 * something else than what is there.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { placesOf } from './places.ts';
import { PLACES, type PracticeMap } from './practices.ts';

/** Folders the code map tells apart one level deeper. */
const SPLIT = ['platform', 'practices', 'web'];
const NOT_CODE = new Set(['node_modules', 'tmp', 'coverage', 'dist']);

/** @returns one sentence for each fault; empty when the map is true */
export function mapFaults(root: string, map: PracticeMap): readonly string[] {
  return [...practiceFaults(root, map), ...readmeFaults(root, map), ...codeMapFaults(root)];
}

function practiceFaults(root: string, map: PracticeMap): readonly string[] {
  const faults: string[] = [];
  for (const folder of childrenOf(root, 'practices')) {
    if (map[folder] === undefined) faults.push(`practices/${folder} is not one of the eight practices`);
  }
  for (const [word, progress] of Object.entries(map)) {
    const exists = hasFiles(root, `practices/${word}`);
    if (progress.state === 'not yet') {
      if (exists) faults.push(`practices/${word} exists, but tools/map/practices.ts says "not yet"`);
      continue;
    }
    if (!exists) faults.push(`practices/${word} does not exist, but tools/map/practices.ts says "${progress.state}"`);
    const places = placesOf(root, word);
    const lacks = progress.state === 'begun' ? progress.lacks : [];
    for (const name of PLACES) {
      const { ok, wanted } = places[name];
      if (!ok && !lacks.includes(name)) faults.push(`${word} lacks its ${name}: ${wanted}`);
      if (ok && lacks.includes(name)) {
        faults.push(`${word} has its ${name} by now: take it out of "lacks" in tools/map/practices.ts`);
      }
    }
  }
  return faults;
}

/** The practice map of README.md: one table row for each practice, linking its folder, with its state in words. */
function readmeFaults(root: string, map: PracticeMap): readonly string[] {
  const readme = textOf(root, 'README.md');
  if (readme === null) return ['README.md does not exist'];
  const rows = readme.split('\n').filter((line) => line.trimStart().startsWith('|'));
  return Object.entries(map).flatMap(([word, { state }]) => {
    const row = rows.find((line) => new RegExp(`practices/${word}\\b`).test(line));
    if (row === undefined) return [`README.md: the practice map has no row with practices/${word}`];
    const said = ['works', 'begun', 'not yet'].filter((one) => new RegExp(`\\b${one}\\b`).test(row));
    if (said.length === 1 && said[0] === state) return [];
    return [`README.md: the row of ${word} must say "${state}", and says ${said.join(' and ') || 'no state'}`];
  });
}

/** The section "Code map" of ARCHITECTURE.md names each folder as `folder/` in backticks. */
function codeMapFaults(root: string): readonly string[] {
  const text = textOf(root, 'ARCHITECTURE.md');
  if (text === null) return ['ARCHITECTURE.md does not exist'];
  const section = /^## Code map\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text)?.[1];
  if (section === undefined) return ['ARCHITECTURE.md has no section "## Code map"'];
  const named = new Set([...section.matchAll(/`([a-z0-9-]+(?:\/[a-z0-9-]+)*)\/`/g)].map((match) => match[1] as string));
  const there = new Set(
    childrenOf(root, '.').flatMap((top) =>
      SPLIT.includes(top) ? [top, ...childrenOf(root, top).map((one) => `${top}/${one}`)] : [top],
    ),
  );
  return [
    ...[...there].filter((one) => !named.has(one)).map((one) => `ARCHITECTURE.md: the code map lacks \`${one}/\``),
    ...[...named]
      .filter((one) => !there.has(one))
      .map((one) => `ARCHITECTURE.md: the code map names \`${one}/\`, which does not exist`),
  ];
}

function textOf(root: string, path: string): string | null {
  const full = join(root, path);
  return existsSync(full) ? readFileSync(full, 'utf8') : null;
}

/** A folder without files does not exist for git, so it does not for the map. */
function hasFiles(root: string, folder: string): boolean {
  return globSync(`${folder}/**/*.*`, { cwd: root, exclude: (path) => path.endsWith('node_modules') }).length > 0;
}

function childrenOf(root: string, folder: string): readonly string[] {
  return globSync(folder === '.' ? '*' : `${folder}/*`, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_CODE.has(entry.name) && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .filter((name) => hasFiles(root, folder === '.' ? name : `${folder}/${name}`))
    .toSorted();
}

/** The files beside the shelf as they are, for an installation that has none of them yet. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'node:path';

import type { TextKind } from '../store/versions.ts';

const FOLDERS = {
  lesson: 'lessons',
  quiz: 'quizzes',
  exercise: 'exercises',
  policy: 'policies',
  drill: 'drills',
} as const;
const HERE = new URL('../starters/', import.meta.url);

/** @returns of each its id, which is the name of its file, so that who has it already need not read it */
export function starterSources(): readonly Readonly<{ kind: TextKind; id: string; source: string }>[] {
  return (Object.keys(FOLDERS) as TextKind[]).flatMap((kind) => {
    const folder = new URL(`${FOLDERS[kind]}/`, HERE);
    const files = readdirSync(folder).filter((file) => !file.startsWith('.'));
    return files
      .toSorted()
      .map((file) => ({ kind, id: parse(file).name, source: readFileSync(new URL(file, folder), 'utf8') }));
  });
}

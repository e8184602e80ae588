/** The files beside the shelf as they are, for an installation that has none of them yet. */
import { readdirSync, readFileSync } from 'node:fs';

import type { TextKind } from '../store/versions.ts';

const FOLDERS = {
  lesson: 'lessons',
  quiz: 'quizzes',
  exercise: 'exercises',
  policy: 'policies',
  drill: 'drills',
} as const;
const HERE = new URL('../starters/', import.meta.url);

export function starterSources(): readonly Readonly<{ kind: TextKind; source: string }>[] {
  return (Object.keys(FOLDERS) as TextKind[]).flatMap((kind) => {
    const folder = new URL(`${FOLDERS[kind]}/`, HERE);
    const files = readdirSync(folder).filter((file) => !file.startsWith('.'));
    return files.toSorted().map((file) => ({ kind, source: readFileSync(new URL(file, folder), 'utf8') }));
  });
}

/** The table of docs/asvs.md: a row for each requirement, and nothing named that is not there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** OWASP ASVS 5.0.0: the last requirement of each section at levels 1 and 2; of V8 at level 3 too. Those before it are of these levels. */
const LAST: Readonly<Record<string, number>> = {
  '6.1': 3, '6.2': 12, '6.3': 4, '6.4': 4, '6.5': 5, '6.6': 3, '6.8': 4,
  '7.1': 3, '7.2': 4, '7.3': 2, '7.4': 5, '7.5': 2, '7.6': 2,
  '8.1': 4, '8.2': 4, '8.3': 3, '8.4': 2,
}; // prettier-ignore
const ROW = /^\| (\d\.\d+\.\d+) \| [123] \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm;
/** A file, and where it is a test's the title of one. */
const REFERENCE = /`([^`]+)`(?: "([^"]+)")?/g;

/** @returns one sentence for each fault */
export function asvsFaults(root: string): readonly string[] {
  const text = readFileSync(join(root, 'docs/asvs.md'), 'utf8');
  const rows = [...text.matchAll(ROW)].map(([, id = '', , here = '', state = '', where = '']) => ({
    id,
    here,
    state,
    where: [...where.matchAll(REFERENCE)].map(([, path = '', title]) => ({ path, title })),
  }));
  const wanted = Object.entries(LAST).flatMap(([section, last]) =>
    Array.from({ length: last }, (_, n) => `${section}.${n + 1}`),
  );
  const ids = rows.map(({ id }) => id);
  const count = (state: string): number => rows.filter((row) => row.state === state).length;
  const summary = `${rows.length} requirements: ${count('shown')} shown, ${count('done')} done, ${count('gap')} gaps, ${count('none')} that do not apply.`;
  return [
    ...wanted.filter((id) => !ids.includes(id)).map((id) => `${id} has no row`),
    ...ids.filter((id, at) => !wanted.includes(id) || ids.indexOf(id) !== at).map((id) => `${id} is a row too many`),
    ...rows.flatMap(({ id, here, state, where }) => [
      ...stateFaults(state, here, where).map((fault) => `${id} ${fault}`),
      ...where.flatMap(({ path, title }) => referenceFaults(root, path, title).map((fault) => `${id} ${fault}`)),
    ]),
    ...(text.includes(`\n${summary}\n`) ? [] : [`the summary must read: ${summary}`]),
  ];
}

type Reference = Readonly<{ path: string; title: string | undefined }>;

function stateFaults(state: string, here: string, where: readonly Reference[]): readonly string[] {
  switch (state) {
    case 'shown':
      return where.some(({ title }) => title !== undefined) ? [] : ['is shown by no test'];
    case 'done':
      return where.length > 0 ? [] : ['is done nowhere'];
    case 'gap':
      return here.includes('Missing: ') ? [] : ['is a gap, and does not say what is missing'];
    case 'none':
      return [];
    default:
      return [`has the state ${state}, which is none`];
  }
}

function referenceFaults(root: string, path: string, title: string | undefined): readonly string[] {
  if (!existsSync(join(root, path))) return [`names ${path}, which is not there`];
  const isTest = /\.(?:tests?|spec)\.ts$/.test(path);
  if (title === undefined) return isTest ? [`names no test of ${path}`] : [];
  const literally = title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const begins = new RegExp(`\\btest\\(\\s*(['"])${literally}\\1`);
  return isTest && begins.test(readFileSync(join(root, path), 'utf8')) ? [] : [`names no test of ${path}: ${title}`];
}

/** Which documents the site has, in which order, and what each is called. */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Page = Readonly<{
  /** From the project's root, as `docs/practices/vault.md`. */
  source: string;
  /** From the site's root, as `practices/vault.html`. */
  file: string;
  title: string;
  group: string;
  text: string;
}>;

/** In the order of who comes first: a reader who wants to try, who uses, who runs, who implements, who asks why. */
const GROUPS: readonly (readonly [string, string])[] = [
  ['Begin', '{README.md,docs/tutorials/*.md,examples/README.md}'],
  ['Practices', 'docs/practices/*.md'],
  ['Run it', 'docs/{deploy,operations,scaling,configuration,runbook*}.md'],
  ['For programs', '{sdk/README.md,docs/sdk.md,docs/failures.md}'],
  ['Formats', 'docs/formats/*.md'],
  ['Measured and proven', '{docs/benchmarks.md,docs/asvs.md,SECURITY.md}'],
  ['Decisions', '{ARCHITECTURE.md,docs/adr/*.md,docs/dead-ends/*.md}'],
];
const FIRST = ['README.md', 'ARCHITECTURE.md'];

const fileOf = (source: string): string =>
  source === 'README.md'
    ? 'index.html'
    : source.replace(/^docs\//, '').replace(/README\.md$/, 'about.md').replace(/\.md$/, '.html'); // prettier-ignore

export async function readPages(root: string): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for (const [group, pattern] of GROUPS) {
    const found = globSync(pattern, { cwd: root }).toSorted((one, other) => FIRST.indexOf(other) - FIRST.indexOf(one) || (one < other ? -1 : 1));
    for (const source of found) {
      const text = await readFile(join(root, source), 'utf8');
      const title = /^# (.+)$/m.exec(text)?.[1] ?? source;
      pages.push({ source, file: fileOf(source), title: title.replaceAll('`', ''), group, text });
    }
  }
  return pages;
} // prettier-ignore

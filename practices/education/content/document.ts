/** A file of front matter (YAML between two lines of ---) and Markdown, read by a schema. */
import type { Static, TSchema } from 'typebox';

import { readBlocks } from './blocks.ts';
import { collectFaults, type ContentFault, type Report } from './fault.ts';
import type { LinkRule } from './link-target.ts';
import { checkText, hashOf } from './text.ts';
import { textOfBlock, type Block } from './tree.ts';
import { readYaml, type Shaped } from './yaml.ts';

export type Document<T> = Shaped<T> & Readonly<{ blocks: readonly Block[]; hash: string; report: Report; faults: readonly ContentFault[] }>; // prettier-ignore

/** @returns the document, to which `report` may add faults; or the faults that let nothing be read */
export function readDocument<S extends TSchema>(
  source: string,
  schema: S,
  { links, asides }: Readonly<{ links: LinkRule; asides: readonly string[] }>,
): Document<Static<S>> | readonly ContentFault[] {
  const { report, faults } = collectFaults();
  const text = checkText(source, report);
  if (text === null) return faults;
  const end = text.startsWith('---\n') ? text.indexOf('\n---\n', 3) : -1;
  if (end < 0) {
    report(1, 'the file has no front matter', 'begin with a line ---, then entries, then a line ---');
    return faults;
  }
  const front = text.slice(4, end + 1);
  const bodyLine = front.split('\n').length + 2;
  const shaped = readYaml(front, schema, report, 2);
  const blocks = readBlocks(text.slice(end + 5), bodyLine, { links, asides, report });
  return shaped === null ? faults : { ...shaped, blocks, hash: hashOf(text), report, faults };
}

export type Section = Readonly<{ title: string; line: number; blocks: readonly Block[] }>;

/** The parts that `##` headings begin. What stands before the first one is a fault. */
export function sectionsOf(blocks: readonly Block[], report: Report): readonly Section[] {
  const sections: { title: string; line: number; blocks: Block[] }[] = [];
  for (const block of blocks) {
    if (block.kind === 'heading' && block.level === 2)
      sections.push({ title: textOfBlock(block), line: block.line, blocks: [] });
    else if (sections.length === 0) report(block.line, 'text before the first heading', 'begin with ## and a title');
    else sections.at(-1)?.blocks.push(block);
  }
  for (const { title, line, blocks: within } of sections)
    if (within.length === 0) report(line, `nothing stands below "${title}"`, 'write it, or remove the heading');
  return sections;
}

/**
 * Lines → blocks: a strict part of Markdown. What is not of it is refused with its line, so that nobody sees another
 * text than the author saw.
 */
import type { Report } from './fault.ts';
import { readInline } from './inline.ts';
import type { LinkRule } from './link-target.ts';
import type { Block, Parts } from './tree.ts';

type Around = Readonly<{ links: LinkRule; asides: readonly string[]; report: Report }>;
type Line = Readonly<{ text: string; line: number }>;

/** A paragraph longer than this is no longer read, and nothing that is longer is parsed. */
const LONGEST_PARAGRAPH = 4000;

/** @param firstLine line of the file on which `source` begins */
export function readBlocks(source: string, firstLine: number, around: Around): readonly Block[] {
  return blocksOf(source.split('\n').map((text, at) => ({ text: text.trimEnd(), line: firstLine + at })), around, false); // prettier-ignore
}

function blocksOf(lines: readonly Line[], around: Around, within: boolean): readonly Block[] {
  const blocks: Block[] = [];
  const { report } = around;
  const parts = (run: readonly Line[], strip: (text: string) => string = (text) => text.trim()): Parts => {
    const line = run[0]?.line ?? 1;
    const text = run.map((each) => strip(each.text)).join(' ');
    if (text.length <= LONGEST_PARAGRAPH) return readInline(text, line, around.links, report);
    report(line, `a paragraph of ${text.length} characters`, `at most ${LONGEST_PARAGRAPH}: make several of it`);
    return [];
  };
  for (let at = 0; at < lines.length;) {
    const { text, line } = lines[at] as Line;
    const kind = kindOf(text);
    const run = runOf(lines, at, kind);
    at += run.length;
    if (kind === 'heading') {
      const level = text.indexOf(' ');
      if (level < 2 || level > 3)
        report(line, 'a heading of this level', 'write ## or ###; the title is in the front matter'); // prettier-ignore
      else blocks.push({ kind, level, line, parts: parts([{ text: text.slice(level), line }]) });
    } else if (kind === 'list' || kind === 'numbers') {
      const items = itemsOf(run, kind).map((item) => parts(item, markless));
      blocks.push({ kind: 'list', ordered: kind === 'numbers', line, items });
    } else if (kind === 'quote') {
      blocks.push({ kind, line, parts: parts(run, (each) => each.slice(1).trim()) });
    } else if (kind === 'table') {
      const table = tableOf(run, parts, report);
      if (table !== null) blocks.push({ kind, line, ...table });
    } else if (kind === 'code') {
      if (run.length < 2 || !(run.at(-1) as Line).text.startsWith('```'))
        report(line, 'a ``` never closes', 'close it');
      blocks.push({ kind, line, text: run.slice(1, -1).map((each) => each.text).join('\n') }); // prettier-ignore
    } else if (kind === 'aside') {
      const name = text.slice(3).trim();
      if (within || (run.at(-1) as Line).text !== ':::' || run.length < 3)
        report(line, `:::${name} never closes, or stands within another`, 'close it by a line :::');
      else if (!around.asides.includes(name))
        report(line, `:::${name} is not known here`, `there are ${around.asides.join(', ') || 'none'}`); // prettier-ignore
      else blocks.push({ kind, name, line, blocks: blocksOf(run.slice(1, -1), around, true) });
    } else if (kind === 'refused') {
      report(line, 'this is Markdown that is not taken', 'no rules, no underlined headings, no deeper indentation, no lists in lists'); // prettier-ignore
    } else if (kind === 'paragraph') blocks.push({ kind, line, parts: parts(run) });
  }
  return blocks;
}

type Kind = 'blank' | 'heading' | 'list' | 'numbers' | 'quote' | 'table' | 'code' | 'aside' | 'refused' | 'paragraph';

function kindOf(text: string): Kind {
  if (text === '') return 'blank';
  if (/^#{1,6} /.test(text)) return 'heading';
  if (text.startsWith('- ')) return 'list';
  if (/^\d{1,2}\. /.test(text)) return 'numbers';
  if (text.startsWith('>')) return 'quote';
  if (text.startsWith('|')) return 'table';
  if (text.startsWith('```')) return 'code';
  if (text.startsWith(':::')) return 'aside';
  if (/^(?: |[*+] |~~~|={3}|-{3}|\*{3}|_{3})/.test(text)) return 'refused';
  return 'paragraph';
}

/** The lines that belong to what begins at `from`. */
function runOf(lines: readonly Line[], from: number, kind: Kind): readonly Line[] {
  let end = from + 1;
  const textAt = (at: number): string | undefined => lines[at]?.text;
  if (kind === 'code' || kind === 'aside') {
    const close = kind === 'code' ? '```' : ':::';
    while (end < lines.length && textAt(end) !== close) end += 1;
    return lines.slice(from, end + 1);
  }
  for (let text = textAt(end); text !== undefined; text = textAt((end += 1))) {
    const follows =
      kind === 'list' || kind === 'numbers'
        ? kindOf(text) === kind || isContinued(text)
        : kind !== 'heading' && kind !== 'blank' && kind !== 'refused' && kindOf(text) === kind;
    if (!follows) break;
  }
  return lines.slice(from, end);
}

/** An item goes on in an indented line; one that begins a list of its own is refused by what it is then read as. */
const isContinued = (text: string): boolean => /^ {2,4}\S/.test(text) && !/^ +(?:[-*+] |\d{1,2}\. )/.test(text);

function itemsOf(run: readonly Line[], kind: 'list' | 'numbers'): readonly (readonly Line[])[] {
  const items: Line[][] = [];
  for (const each of run) {
    if (kindOf(each.text) === kind) items.push([each]);
    else items.at(-1)?.push(each);
  }
  return items;
}

const markless = (text: string): string => (kindOf(text) === 'refused' ? text : text.slice(text.indexOf(' '))).trim();

type Table = Readonly<{ head: readonly Parts[]; rows: readonly (readonly Parts[])[] }>;

function tableOf(run: readonly Line[], parts: (run: readonly Line[]) => Parts, report: Report): Table | null {
  const [first, rule] = run as [Line, Line | undefined];
  const cells = ({ text }: Line): readonly string[] => text.slice(1, text.endsWith('|') ? -1 : undefined).split('|');
  const width = cells(first).length;
  if (rule === undefined || !cells(rule).every((cell) => /^ *:?-+:? *$/.test(cell)) || run.length < 3) {
    report(first.line, 'a table without its second line of |---|, or without rows', 'write | a | b |, |---|---|, then the rows'); // prettier-ignore
    return null;
  }
  const row = (each: Line): readonly Parts[] => {
    const found = cells(each);
    if (found.length !== width) report(each.line, `a row of ${found.length} cells in a table of ${width}`, 'write as many as its head has'); // prettier-ignore
    return found.map((text) => parts([{ text, line: each.line }]));
  };
  return { head: row(first), rows: run.slice(2).map(row) };
}

/**
 * XML → a tree of elements. No entities but the five of XML, nothing from elsewhere, bounded in depth and number.
 * nmap writes `<!DOCTYPE nmaprun>`, which declares nothing: a DOCTYPE that declares or fetches something is refused.
 */
import { SaxesParser } from 'saxes';

import { importFailure } from './failures.ts';
import { MOST_DEPTH } from './read-bytes.ts';

export type Element = Readonly<{
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: readonly Element[];
  /** The text directly in it. */
  text: string;
}>;

type Open = { name: string; attributes: Record<string, string>; children: Element[]; text: string };

const MOST_ELEMENTS = 500_000;

/** @throws ASSURANCE_IMPORT_MALFORMED, ASSURANCE_IMPORT_TOO_LARGE */
export function xmlOf(text: string): Element {
  const top: Open = { name: '', attributes: {}, children: [], text: '' };
  const open: Open[] = [top];
  let count = 0;
  const parser = new SaxesParser({ position: true });
  parser.on('error', (cause) => {
    throw importFailure('IMPORT_MALFORMED', { detail: `line ${parser.line} of the report is not XML`, cause });
  });
  parser.on('doctype', (doctype) => {
    if (!/^\s*[A-Za-z_][\w.:-]*\s*$/.test(doctype))
      throw importFailure('IMPORT_MALFORMED', {
        detail: 'the report has a DOCTYPE that declares or fetches something; nothing of it was read',
      });
  });
  parser.on('opentag', ({ name, attributes }) => {
    count += 1;
    if (count > MOST_ELEMENTS)
      throw importFailure('IMPORT_TOO_LARGE', { detail: `the report has more than ${MOST_ELEMENTS} elements` });
    if (open.length > MOST_DEPTH)
      throw importFailure('IMPORT_MALFORMED', { detail: `the report is nested deeper than ${MOST_DEPTH}` });
    const element: Open = { name, attributes: attributes as Record<string, string>, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const take = (piece: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('text', take);
  parser.on('cdata', take);
  parser.write(text).close();
  const [root] = top.children;
  if (root === undefined) throw importFailure('IMPORT_MALFORMED', { detail: 'the report has no element' });
  return root;
}

/** All elements of a name below one, itself left out, in order. */
export function* below(element: Element, name: string): Generator<Element> {
  for (const child of element.children) {
    if (child.name === name) yield child;
    yield* below(child, name);
  }
}

export const childOf = (element: Element, name: string): Element | undefined =>
  element.children.find((child) => child.name === name);

/** The text of a child, without space around it. */
export const childText = (element: Element, name: string): string => childOf(element, name)?.text.trim() ?? '';

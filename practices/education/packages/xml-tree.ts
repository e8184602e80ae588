/**
 * XML of somebody else as a tree, within limits, and with nothing in it that declares or fetches. Names are matched without
 * their prefix, as packages bind them as they like.
 */
import { SaxesParser } from 'saxes';

export type XmlNode = {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: XmlNode[];
  text: string;
};

const MOST_ELEMENTS = 100_000;
const MOST_DEPTH = 60;
const MOST_ATTRIBUTES = 100;
const MOST_TEXT = 10_000;

/** Why it is not taken, for who sent it. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
/** @returns what is right, or why it is not */
export function readOrRefuse<T>(read: () => T): Readonly<{ ok: true; manifest: T } | { ok: false; says: string }> {
  try {
    return { ok: true, manifest: read() };
  } catch (thrown) {
    if (thrown instanceof Refused) return { ok: false, says: thrown.message };
    throw thrown;
  }
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1).toLowerCase();

/** One with a prefix is of somebody else's, and stands back for one without. */
function localOf(attributes: Readonly<Record<string, string>>): XmlNode['attributes'] {
  const all = Object.entries(attributes).filter(([key]) => !key.startsWith('xmlns:'));
  const [foreign, own] = [true, false].map((prefixed) => all.filter(([key]) => key.includes(':') === prefixed)) as [typeof all, typeof all]; // prettier-ignore
  return Object.fromEntries([...foreign, ...own].map(([key, value]) => [local(key), value]));
}

/**
 * saxes knows the five entities of XML and fetches nothing; a DOCTYPE could declare more, so there is none.
 * @param file its name, as refusals say it
 * @returns its root; names in lower case
 * @throws Refused
 */
export function treeOf(xml: string, file: string): XmlNode | undefined {
  const top: XmlNode = { name: '', attributes: {}, children: [], text: '' };
  const open = [top];
  let count = 0;
  const parser = new SaxesParser({ position: true });
  parser.on('error', () => {
    throw new Refused(`line ${parser.line} of ${file} is not XML`);
  });
  parser.on('doctype', () => {
    throw new Refused(`${file} has a DOCTYPE, which can declare and fetch things: nothing of it was read`);
  });
  let attributesOfOne = 0;
  parser.on('opentagstart', () => (attributesOfOne = 0));
  parser.on('attribute', () => {
    attributesOfOne += 1;
    if (attributesOfOne > MOST_ATTRIBUTES) throw new Refused(`an element of ${file} has more than ${MOST_ATTRIBUTES} attributes`); // prettier-ignore
  });
  parser.on('opentag', ({ name, attributes }) => {
    count += 1;
    if (count > MOST_ELEMENTS || open.length > MOST_DEPTH) throw new Refused(`${file} is larger or deeper than a manifest is`); // prettier-ignore
    const node: XmlNode = {
      name: local(name),
      attributes: localOf(attributes as Record<string, string>),
      children: [],
      text: '',
    };
    open.at(-1)?.children.push(node);
    open.push(node);
  });
  const more = (text: string): void => {
    const node = open.at(-1) as XmlNode;
    if (node.text.length < MOST_TEXT) node.text += text;
  };
  parser.on('text', more);
  parser.on('cdata', more);
  parser.on('closetag', () => open.pop());
  parser.write(xml).close();
  return top.children[0];
}

export const child = (node: XmlNode | undefined, name: string): XmlNode | undefined =>
  node?.children.find((each) => each.name === name);
export const within = (node: XmlNode, name: string): XmlNode[] =>
  node.children.flatMap((each) => [...(each.name === name ? [each] : []), ...within(each, name)]);
export const textOf = (node: XmlNode | undefined): string => node?.text.trim().replaceAll(/\s+/gu, ' ') ?? '';

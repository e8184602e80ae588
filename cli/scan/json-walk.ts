/**
 * JSON of any size as a stream of (path, value): no document, record or string is held whole. Many values after each other, such as
 * JSON lines, are walked one by one; what is malformed costs its line.
 */
import { LONGEST_SAMPLE } from './reservoir.ts';

export type Leaf = string | number | boolean | null;
export type JsonTree<Node> = Readonly<{
  root: Node;
  /** null: not looked into. */
  member: (parent: Node, key: string) => Node | null;
  element: (parent: Node) => Node | null;
  leaf: (node: Node, value: Leaf) => void;
}>;
export type JsonWalker = Readonly<{
  push: (text: string) => void;
  /** The end of a value, or of what was read of it. */
  end: () => void;
  broken: () => number;
}>;

const DEEPEST = 64;
const LONGEST_KEY = 200;
const [QUOTE, BACKSLASH, LF] = [34, 92, 10];
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST, COMMA, COLON] = [123, 125, 91, 93, 44, 58];
type Expect = 'value' | 'key' | 'colon' | 'next';

export function createJsonWalker<Node>(tree: JsonTree<Node>): JsonWalker {
  let frames: { list: boolean; node: Node | null }[] = [];
  let node: Node | null = tree.root;
  let expect: Expect = 'value';
  let mode: 'between' | 'string' | 'escape' | 'unicode' | 'word' | 'skip' = 'between';
  let held = '';
  let hex = '';
  let values = 0;
  let broken = 0;

  const reset = (): void => {
    frames = [];
    node = tree.root;
    expect = 'value';
    mode = 'between';
    held = '';
  };
  const fail = (): void => {
    broken += 1;
    reset();
    mode = 'skip';
  };
  const valueDone = (): void => {
    if (frames.length === 0) reset();
    else expect = 'next';
  };
  const emit = (value: Leaf): void => {
    values += 1;
    if (node !== null) tree.leaf(node, value);
    valueDone();
  };
  const open = (list: boolean): void => {
    if (frames.length >= DEEPEST) return fail();
    frames.push({ list, node });
    if (list) node = node === null ? null : tree.element(node);
    expect = list ? 'value' : 'key';
    return undefined;
  };
  const close = (list: boolean): void => {
    const frame = frames.pop();
    if (frame === undefined || frame.list !== list) return fail();
    node = frame.node;
    return valueDone();
  };
  const stringDone = (): void => {
    mode = 'between';
    const text = held;
    held = '';
    if (expect === 'value') return emit(text);
    const frame = frames.at(-1);
    node = frame === undefined || frame.node === null ? null : tree.member(frame.node, text);
    expect = 'colon';
    return undefined;
  };
  const wordDone = (): void => {
    mode = 'between';
    const word = held;
    held = '';
    if (word === 'true' || word === 'false') return emit(word === 'true');
    if (word === 'null') return emit(null);
    const number = Number(word);
    // as it is written: a long number would lose digits
    return Number.isNaN(number) ? fail() : emit(String(number) === word ? number : word);
  };
  const room = (): number => (expect === 'key' ? LONGEST_KEY : LONGEST_SAMPLE) - held.length;

  const between = (code: number): void => {
    if (code === 32 || code === 9 || code === 13 || code === LF) return undefined;
    if (expect === 'colon') {
      if (code !== COLON) return fail();
      expect = 'value';
      return undefined;
    }
    if (expect === 'next') {
      const list = frames.at(-1)?.list === true;
      if (code === COMMA) {
        expect = list ? 'value' : 'key';
        return undefined;
      }
      return code === CLOSE || code === CLOSE_LIST ? close(code === CLOSE_LIST) : fail();
    }
    if (code === QUOTE) mode = 'string';
    else if (expect === 'key') return code === CLOSE ? close(false) : fail();
    else if (code === OPEN || code === OPEN_LIST) return open(code === OPEN_LIST);
    else if (code === CLOSE_LIST) return close(true);
    else if (code === 45 || (code >= 48 && code <= 57) || (code >= 97 && code <= 122)) {
      mode = 'word';
      held = String.fromCharCode(code);
    } else return fail();
    return undefined;
  };

  const push = (text: string): void => {
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (mode === 'skip') {
        if (code === LF) mode = 'between';
      } else if (mode === 'between') between(code);
      else if (mode === 'string') {
        let to = at;
        while (to < text.length && !isStringEnd(text.charCodeAt(to))) to += 1;
        if (to > at) {
          const space = room();
          if (space > 0) held += text.slice(at, Math.min(to, at + space));
          at = to - 1;
        } else if (code === QUOTE) stringDone();
        else if (code === BACKSLASH) mode = 'escape';
        else {
          // no string goes over the end of a line: the next one begins anew
          fail();
          mode = 'between';
        }
      } else if (mode === 'escape') {
        mode = code === 117 ? 'unicode' : 'string';
        if (code !== 117 && room() > 0) held += ESCAPES[text[at] as string] ?? text[at];
        hex = '';
      } else if (mode === 'unicode') {
        hex += text[at];
        if (hex.length === 4) {
          const unit = Number.parseInt(hex, 16);
          if (room() > 0 && !Number.isNaN(unit)) held += String.fromCharCode(unit);
          mode = 'string';
        }
      } else if (
        (code >= 48 && code <= 57) ||
        (code >= 97 && code <= 122) ||
        code === 43 ||
        code === 45 ||
        code === 46 ||
        code === 69
      ) {
        if (held.length < 64) held += text[at];
      } else {
        wordDone();
        at -= 1;
      }
    }
  };
  return {
    push,
    end: () => {
      // the beginning of a string that was cut still says what it is
      if (mode === 'string' && expect === 'value' && held !== '') stringDone();
      else if (mode === 'word') wordDone();
      reset();
    },
    broken: () => broken,
  };
}

const isStringEnd = (code: number): boolean => code === QUOTE || code === BACKSLASH || code === LF;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/**
 * Samples of JSON by path, `$.orders[*].email`. A path is printed, so it holds no value: keys that are no plain words, and keys of
 * which there are as many as there are people, become `{*}`, and what they say is a sample of `{key}`.
 */
import { createJsonWalker, type Leaf } from './json-walk.ts';
import type { SampledColumn } from './engine.ts';
import { createReservoir, SAMPLES, beginningOf, type Reservoir } from './reservoir.ts';

const MOST_PATHS = 500;
/** An object with more keys is a map. */
const MOST_KEYS = 100;
const LONGEST_PATH = 200;
const WORD = /^[\p{L}_$@][\p{L}\p{N}_$@-]{0,39}$/u;
/** Of samples at one path: all paths together stay below 128 MB. */
const LONGEST = 512;

type Node = {
  path: string;
  leaves: Reservoir<Leaf> | null;
  keys: Reservoir<Leaf> | null;
  members: Map<string, Node>;
  element: Node | null;
  any: Node | null;
};

export type JsonPaths = Readonly<{
  push: (text: string) => void;
  end: () => void;
  broken: () => number;
  /** @param prefix before the path, such as the column's name and a space */
  columns: (prefix: string) => SampledColumn[];
  tooMany: () => boolean;
}>;

export function createJsonPaths(random: () => number): JsonPaths {
  let paths = 0;
  let tooMany = false;
  const nodeAt = (path: string): Node | null => {
    paths += 1;
    if (paths > MOST_PATHS || path.length > LONGEST_PATH) {
      tooMany = true;
      return null;
    }
    return { path, leaves: null, keys: null, members: new Map(), element: null, any: null };
  };
  const root = nodeAt('$') as Node;
  const asMap = (parent: Node, key: string): Node | null => {
    parent.keys ??= createReservoir(SAMPLES, random);
    parent.keys.offer(() => beginningOf(key, LONGEST));
    return (parent.any ??= nodeAt(`${parent.path}{*}`));
  };
  const walker = createJsonWalker<Node>({
    root,
    member: (parent, key) => {
      const known = parent.members.get(key);
      if (known !== undefined) return known;
      if (!WORD.test(key) || parent.members.size >= MOST_KEYS || (parent.any !== null && parent.members.size === 0)) {
        if (parent.members.size >= MOST_KEYS) {
          for (const each of parent.members.keys()) asMap(parent, each);
          parent.members.clear();
        }
        return asMap(parent, key);
      }
      const made = nodeAt(`${parent.path}.${key}`);
      if (made !== null) parent.members.set(key, made);
      return made;
    },
    element: (parent) => (parent.element ??= nodeAt(`${parent.path}[*]`)),
    leaf: (node, value) => {
      node.leaves ??= createReservoir(SAMPLES, random);
      node.leaves.offer(() => (typeof value === 'string' ? beginningOf(value, LONGEST) : value));
    },
  });
  return {
    ...walker,
    columns: (prefix) => [...columnsOf(root, root.path, prefix)],
    tooMany: () => tooMany,
  };
}

function* columnsOf(node: Node, path: string, prefix: string): Generator<SampledColumn> {
  const column = (name: string, samples: readonly Leaf[]): SampledColumn => ({
    name: `${prefix}${name}`,
    sqlType: samples.length > 0 && samples.every((each) => typeof each === 'boolean') ? 'boolean' : null,
    key: null,
    samples,
  });
  if (node.leaves !== null) yield column(path, node.leaves.taken());
  const members = [...node.members];
  if (isMapOfAlike(members.map(([, each]) => each))) {
    yield column(
      `${path}{key}`,
      members.map(([key]) => key),
    );
    yield* columnsOf(mergedOf(members.map(([, each]) => each)), `${path}{*}`, prefix);
  } else for (const [key, each] of members) yield* columnsOf(each, `${path}.${key}`, prefix);
  if (node.keys !== null) yield column(`${path}{key}`, node.keys.taken());
  if (node.element !== null) yield* columnsOf(node.element, `${path}[*]`, prefix);
  if (node.any !== null) yield* columnsOf(node.any, `${path}{*}`, prefix);
}

/** Four objects with the very same members under four keys are four of a kind, and their keys are values. */
function isMapOfAlike(nodes: readonly Node[]): boolean {
  const shape = (node: Node): string => [...node.members.keys()].toSorted().join(',');
  const [first] = nodes;
  return (
    nodes.length >= 4 &&
    first !== undefined &&
    first.members.size > 0 &&
    nodes.every((each) => shape(each) === shape(first))
  );
}

function mergedOf(nodes: readonly Node[]): Node {
  const members = new Map<string, Node>();
  const leaves: Leaf[] = nodes.flatMap((each) => [...(each.leaves?.taken() ?? [])]).slice(0, SAMPLES);
  for (const key of new Set(nodes.flatMap((each) => [...each.members.keys()])))
    members.set(key, mergedOf(nodes.flatMap((each) => each.members.get(key) ?? [])));
  const elements = nodes.flatMap((each) => each.element ?? []);
  const anys = nodes.flatMap((each) => each.any ?? []);
  return {
    path: '',
    leaves: leaves.length === 0 ? null : { offer: () => undefined, taken: () => leaves, seen: () => leaves.length },
    keys: nodes.find((each) => each.keys !== null)?.keys ?? null,
    members,
    element: elements.length === 0 ? null : mergedOf(elements),
    any: anys.length === 0 ? null : mergedOf(anys),
  };
}

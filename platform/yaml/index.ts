/** Where in a YAML text something stands, so that a fault names its line. */
import { isMap, isScalar, isSeq, type Document, type Node } from 'yaml';

/** @returns where the key or item at a path begins, in characters; where the path ends early, the nearest entry around it; null in an empty document */
export function offsetAt(document: Document.Parsed, path: readonly (string | number)[]): number | null {
  let node: Node | null | undefined = document.contents;
  let offset = node?.range?.[0] ?? null;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (isSeq(node)) {
      node = node.items[Number(step)] as Node | undefined;
      if (node === undefined) break;
      offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset;
}
